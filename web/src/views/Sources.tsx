import { useSignal } from "@preact/signals";
import { extentOfSource, removeSource, renameSource } from "../api/projects";
import type { Import, Source } from "../api/types";
import { KindIcon } from "../parts/KindIcon";
import { Removal } from "../parts/Removal";
import { Rename } from "../parts/Rename";
import { StatePill } from "../parts/StatePill";
import { to } from "../router";
import { language, words } from "../words/language";
import { count } from "../words/numbers";

interface Props {
  project: string;
  sources: readonly Source[];
  changed: () => Promise<void>;
}

export function Sources({ project, sources, changed }: Props) {
  const removal = useSignal<Import | null>(null);
  const { settings: say } = words.value;
  return (
    <section class="card" aria-labelledby="sources-title">
      <h2 id="sources-title">{say.sources}</h2>
      <p class="quiet">{sources.length ? say.sourcesHint : say.noSources}</p>
      <ul class="entries">
        {sources.map((source) => (
          <Row key={source.key} project={project} source={source} changed={changed} removal={removal} />
        ))}
      </ul>
      {removal.value && (
        <p role="status">
          {say.removing} <a href={to.import(project, removal.value.id)}>{removal.value.source.name}</a>
        </p>
      )}
    </section>
  );
}

function Row({ project, source, changed, removal }: { project: string; source: Source; changed: Props["changed"]; removal: { value: Import | null } }) {
  const asked = useSignal(false);
  const { settings: say, kinds } = words.value;
  const last = source.last_import;
  return (
    <li class="entry" data-source={source.key}>
      <KindIcon kind={source.kind} />
      <div class="entry-text">
        <h3>{source.name}</h3>
        <ul class="facts">
          <li>{kinds[source.kind] ?? source.kind}</li>
          <li>{say.items(count(source.items, language.value))}</li>
          <li>
            <code>{source.key}</code>
          </li>
        </ul>
        {last && (
          <p class="last-import">
            <a href={to.import(project, last.id)}>{say.lastImport}</a> <StatePill state={last.state} />
          </p>
        )}
      </div>
      <div class="buttons">
        <Rename
          name={source.name}
          save={async (name) => {
            await renameSource(project, source.key, name);
            await changed();
          }}
        />
        <button
          type="button"
          class="small danger"
          aria-label={`${say.remove}: ${source.name}`}
          onClick={() => {
            asked.value = true;
          }}
        >
          {say.remove}…
        </button>
      </div>
      {asked.value && (
        <Removal
          title={say.removeSource(source.name)}
          hint={say.removalHint}
          go={say.remove}
          rehearse={() => extentOfSource(project, source.key)}
          told={say.retires}
          remove={async () => {
            removal.value = await removeSource(project, source.key);
            await changed();
          }}
          close={() => {
            asked.value = false;
          }}
        />
      )}
    </li>
  );
}
