import { closed, type Import } from "../api/types";
import { now } from "../live/clock";
import { workerSeenS } from "../live/system";
import { Bar } from "../parts/Bar";
import { KindIcon } from "../parts/KindIcon";
import { itemsOf, rateOf, spentOf } from "../parts/measures";
import { place } from "../parts/Origin";
import { StatePill } from "../parts/StatePill";
import { to } from "../router";
import { language, words } from "../words/language";
import { ago, timeLeft } from "../words/numbers";
import { sentence } from "../words/sentence";

export function ImportRow({ view, project }: { view: Import; project: string | null }) {
  const telling = { words: words.value, language: language.value, now: now.value, workerSeenS: workerSeenS.value };
  const facts = [
    place(view),
    itemsOf(view, words.value, language.value),
    rateOf(view, words.value, language.value),
    ...spentOf(view, words.value, language.value),
    view.state === "running" ? timeLeft(view.eta_range_s, language.value) : null,
    age(view),
  ];
  return (
    <li class={`row${closed(view) ? " over" : ""}`} data-import={view.id}>
      <div class="row-head">
        <KindIcon kind={view.source.kind} />
        <h3>
          <a href={to.import(view.project, view.id)}>{view.source.name}</a>
        </h3>
        {project === null && (
          <a class="tag" href={to.imports(view.project)}>
            {view.project}
          </a>
        )}
        {view.mode !== "import" && <span class="tag">{words.value.modes[view.mode]}</span>}
        <StatePill state={view.state} />
      </div>
      <p class="sentence">{sentence(view, telling)}</p>
      {!(view.state === "succeeded") && <Bar view={view} />}
      <ul class="facts">
        {facts.filter(Boolean).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </li>
  );
}

function age(view: Import): string | null {
  const { list } = words.value;
  const since = (time: string) => ago((now.value - Date.parse(time)) / 1000, language.value);
  if (view.closed_at) return list.ended(since(view.closed_at));
  if (view.started_at) return list.started(since(view.started_at));
  return view.created_at ? list.handed(since(view.created_at)) : null;
}
