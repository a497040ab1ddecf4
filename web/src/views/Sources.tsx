import { useSignal } from "@preact/signals";
import { FETCHED, importAgain } from "../api/again";
import { extentOfSource, removeSource, renameSource } from "../api/projects";
import type { Import, Source } from "../api/types";
import { KindIcon } from "../parts/KindIcon";
import { Problem } from "../parts/Problem";
import { Removal } from "../parts/Removal";
import { Rename } from "../parts/Rename";
import { StatePill } from "../parts/StatePill";
import { to } from "../router";
import { language, words } from "../words/language";
import { count } from "../words/numbers";
import { Again } from "./Again";

interface Props {
  project: string;
  sources: readonly Source[];
  changed: () => Promise<void>;
}

/** An import that was asked for here, and why. */
interface Begun {
  why: string;
  view: Import;
}

export function Sources({ project, sources, changed }: Props) {
  const begun = useSignal<Begun | null>(null);
  const { settings: say } = words.value;
  return (
    <section class="card" aria-labelledby="sources-title">
      <h2 id="sources-title">{say.sources}</h2>
      <p class="quiet">{sources.length ? say.sourcesHint : say.noSources}</p>
      <ul class="entries">
        {sources.map((source) => (
          <Row key={source.key} project={project} source={source} changed={changed} begun={begun} />
        ))}
      </ul>
      {begun.value && (
        <p role="status">
          {begun.value.why} <a href={to.import(project, begun.value.view.id)}>{begun.value.view.source.name}</a>
        </p>
      )}
    </section>
  );
}

function Row({ project, source, changed, begun }: { project: string; source: Source; changed: Props["changed"]; begun: { value: Begun | null } }) {
  const asked = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const { settings: say, again, kinds } = words.value;
  const last = source.last_import;
  const repeat = async () => {
    problem.value = null;
    try {
      const view = last && (await importAgain(project, last.id));
      if (view) begun.value = { why: again.does, view };
      await changed();
    } catch (error) {
      problem.value = error as Error;
    }
  };
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
        {problem.value && <Problem error={problem.value} />}
      </div>
      <div class="buttons">
        {last && FETCHED.has(source.kind) && (
          <button type="button" class="small" aria-label={`${again.now}: ${source.name}`} onClick={() => void repeat()}>
            {again.now}
          </button>
        )}
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
      <Again project={project} source={source} />
      {asked.value && (
        <Removal
          title={say.removeSource(source.name)}
          hint={say.removalHint}
          go={say.remove}
          rehearse={() => extentOfSource(project, source.key)}
          told={say.retires}
          remove={async () => {
            begun.value = { why: say.removing, view: await removeSource(project, source.key) };
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
