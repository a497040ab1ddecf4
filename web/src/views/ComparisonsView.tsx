import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { listComparisons } from "../api/comparisons";
import { closed, type Comparison } from "../api/types";
import { Asking } from "../live/asking";
import { now } from "../live/clock";
import { Bar } from "../parts/Bar";
import { LinkPill } from "../parts/LinkPill";
import { Problem } from "../parts/Problem";
import { StatePill } from "../parts/StatePill";
import { navigate, to } from "../router";
import { told } from "../words/comparing";
import { language, words } from "../words/language";
import { ago, count } from "../words/numbers";
import { ComparisonForm } from "./ComparisonForm";

/** The comparisons of a project, and the way to a new one. */
export function ComparisonsView({ project }: { project: string }) {
  const feed = useMemo(() => new Asking(() => listComparisons(project), () => false), [project]);
  const beginning = useSignal(false);
  useEffect(() => {
    feed.start();
    return () => feed.stop();
  }, [feed]);
  const { comparisons: say, loading } = words.value;
  const all = feed.view.value;
  return (
    <section class="comparisons" aria-labelledby="comparisons-title">
      <div class="title">
        <h1 id="comparisons-title">{say.title}</h1>
        <LinkPill link={feed.link.value} />
      </div>
      <p class="quiet">{say.hint}</p>
      {feed.problem.value && <Problem error={feed.problem.value} />}
      {beginning.value ? (
        <ComparisonForm
          project={project}
          begun={(view) => navigate(to.comparison(project, view.id))}
          discard={() => {
            beginning.value = false;
          }}
        />
      ) : (
        <div class="buttons">
          <button
            type="button"
            class="primary"
            onClick={() => {
              beginning.value = true;
            }}
          >
            {say.begin}
          </button>
        </div>
      )}
      {!all && !feed.problem.value && <p class="quiet">{loading}</p>}
      {all?.length === 0 && <p class="empty">{say.none}</p>}
      {all && all.length > 0 && (
        <ul class="rows">
          {all.map((view) => (
            <Row key={view.id} view={view} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ view }: { view: Comparison }) {
  const { comparisons: say } = words.value;
  const facts = [
    view.variants.map(({ name }) => name).join(", "),
    view.questions > 0 && say.questions(count(view.questions, language.value)),
    view.promoted && say.serves(view.promoted),
    say.begun(ago((now.value - Date.parse(view.created_at)) / 1000, language.value)),
    view.id,
  ];
  return (
    <li class={`row${closed(view) ? " over" : ""}`} data-comparison={view.id}>
      <div class="row-head">
        <h3>
          <a href={to.comparison(view.project, view.id)}>{view.name}</a>
        </h3>
        <StatePill state={view.state} />
      </div>
      <p class="sentence">{told(view, words.value, language.value)}</p>
      {!closed(view) && <Bar view={view} />}
      <ul class="facts">
        {facts.filter(Boolean).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </li>
  );
}
