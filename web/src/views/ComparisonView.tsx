import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { getComparison } from "../api/comparisons";
import { closed, type Comparison } from "../api/types";
import { Asking } from "../live/asking";
import { now } from "../live/clock";
import { Bar } from "../parts/Bar";
import { LinkPill } from "../parts/LinkPill";
import { Problem } from "../parts/Problem";
import { StatePill } from "../parts/StatePill";
import { to } from "../router";
import { told } from "../words/comparing";
import { language, words } from "../words/language";
import { clock, count, duration, percent } from "../words/numbers";
import { ComparisonActions } from "./ComparisonActions";
import { ComparisonBoard } from "./ComparisonBoard";
import { ComparisonCosts, ComparisonMeasures } from "./ComparisonMeasures";

/** One comparison: where each variant stands, what came of each, and what can be done about it. */
export function ComparisonView({ project, id }: { project: string; id: string }) {
  /** The variant whose promotion goes on after its answer. */
  const promoting = useSignal<string | null>(null);
  const feed = useMemo(
    () => new Asking(() => getComparison(project, id), (view) => closed(view) && (!promoting.peek() || !!view.promoted)),
    [project, id],
  );
  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);
  const view = feed.view.value;
  const { comparisons: say, loading, sentences, states, detail } = words.value;
  useEffect(() => {
    if (view) document.title = `${closed(view) ? states[view.state] : percent(view.fraction)} · ${view.name}`;
  });
  if (feed.problem.value?.status === 404) return <p class="empty">{say.missing}</p>;
  if (!view) return feed.problem.value ? <Problem error={feed.problem.value} /> : <p class="quiet">{loading}</p>;
  const link = feed.link.value;
  const offline = link.kind === "offline";
  const changed = (next: Comparison) => feed.take(next);
  return (
    <article class="comparison" data-comparison={view.id} data-state={view.state}>
      <p class="crumbs">
        <a href={to.imports(null)}>{detail.back}</a> / <a href={to.imports(project)}>{project}</a> / <a href={to.comparisons(project)}>{say.title}</a>
      </p>
      <header class="card lead">
        <div class="title">
          <h1>{view.name}</h1>
          <LinkPill link={link} />
        </div>
        <div class="saying">
          <StatePill state={view.state} />
          <p class="sentence" aria-live="polite">
            {told(view, words.value, language.value)}
          </p>
        </div>
        {!closed(view) && <Bar view={view} />}
        <ul class="facts">
          {facts(view).map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
          {!view.live && <li class="stale">{sentences.notLive}</li>}
        </ul>
        {promoting.value && !view.promoted && (
          <p class="stale" role="status">
            {say.promoting(promoting.value)}
          </p>
        )}
        <ComparisonActions view={view} offline={offline} changed={changed} />
      </header>
      <ComparisonBoard
        view={view}
        offline={offline}
        changed={changed}
        promoted={(name, next) => {
          promoting.value = name;
          changed(next);
        }}
      />
      <ComparisonMeasures view={view} />
      <ComparisonCosts view={view} />
    </article>
  );
}

function facts(view: Comparison): string[] {
  const { comparisons: say, detail } = words.value;
  const ended = view.closed_at ? Date.parse(view.closed_at) : now.value;
  const span = duration((ended - Date.parse(view.created_at)) / 1000, language.value);
  return [
    say.variants(count(view.variants.length, language.value)),
    view.questions ? say.questions(count(view.questions, language.value)) : "",
    view.promoted ? say.serves(view.promoted) : "",
    detail.started(clock(view.created_at, language.value)),
    (view.closed_at ? detail.took : detail.under)(span),
    view.id,
  ].filter(Boolean);
}
