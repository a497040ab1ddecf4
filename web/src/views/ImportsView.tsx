import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Import, State } from "../api/types";
import { ImportsFeed } from "../live/imports";
import { LinkPill } from "../parts/LinkPill";
import { words } from "../words/language";
import { grouped } from "../words/order";
import { ImportRow } from "./ImportRow";
import { NewImport } from "./NewImport";

export function ImportsView({ project }: { project: string | null }) {
  const feed = useMemo(() => new ImportsFeed(project), [project]);
  useEffect(() => {
    feed.connection.start();
    return () => feed.connection.stop();
  }, [feed]);
  const text = useSignal("");
  const state = useSignal<State | "">("");
  const shown = useComputed(() => matching([...(feed.all.value?.values() ?? [])], text.value, state.value));
  const groups = grouped(shown.value);
  const { list, loading } = words.value;
  const all = feed.all.value;
  return (
    <>
      <NewImport project={project} imports={[...(all?.values() ?? [])]} />
      <section aria-labelledby="imports-title">
        <div class="title">
          <h2 id="imports-title">{list.title}</h2>
          <LinkPill link={feed.connection.link.value} />
        </div>
        {all && all.size > 3 && <Filters text={text} state={state} />}
        {all === null && <p class="quiet">{loading}</p>}
        {all?.size === 0 && <p class="quiet empty">{list.none}</p>}
        {all && all.size > 0 && shown.value.length === 0 && <p class="quiet">{list.noMatch}</p>}
        {(["attention", "active", "over"] as const).map(
          (group) =>
            groups[group].length > 0 && (
              <section class={`group ${group}`} key={group} aria-label={list[group]}>
                <h3 class="group-title">{list[group]}</h3>
                <ul class="rows">
                  {groups[group].map((view) => (
                    <ImportRow key={`${view.project}/${view.id}`} view={view} project={project} />
                  ))}
                </ul>
              </section>
            ),
        )}
      </section>
    </>
  );
}

function Filters({ text, state }: { text: { value: string }; state: { value: State | "" } }) {
  const { list, states } = words.value;
  return (
    <div class="filters">
      <input
        type="search"
        placeholder={list.filterText}
        aria-label={list.filterText}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
      <select
        aria-label={list.filterState}
        value={state.value}
        onChange={(event) => {
          state.value = event.currentTarget.value as State | "";
        }}
      >
        <option value="">{list.anyState}</option>
        {Object.entries(states).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function matching(imports: readonly Import[], text: string, state: State | ""): Import[] {
  const sought = text.trim().toLowerCase();
  return imports.filter(
    (view) =>
      (!state || view.state === state) &&
      (!sought || [view.project, view.source.name, view.id].some((name) => name.toLowerCase().includes(sought))),
  );
}
