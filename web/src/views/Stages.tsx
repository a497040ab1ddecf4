import type { Import, Stage } from "../api/types";
import { language, words } from "../words/language";
import { count, rate } from "../words/numbers";

export function Stages({ view }: { view: Import }) {
  const { detail } = words.value;
  return (
    <section class="card" aria-labelledby="stages-title">
      <h2 id="stages-title">{detail.stages}</h2>
      <ol class="stages">
        {view.stages.map((stage) => (
          <Row key={stage.name} stage={stage} />
        ))}
      </ol>
    </section>
  );
}

function Row({ stage }: { stage: Stage }) {
  const { stages, stageStates, detail, units } = words.value;
  const { done, total } = stage;
  const shown = (value: number) => count(value, language.value);
  const needless = stage.state === "done" && !total;
  const state = needless ? "skipped" : stage.state;
  return (
    <li class={`stage stage-${state}`} data-stage={stage.name} data-state={state}>
      <span class="stage-name">{stages[stage.name]}</span>
      {state === "running" && !total ? (
        <progress max={1} aria-label={stages[stage.name]} />
      ) : (
        <progress max={total || 1} value={state === "done" ? total || 1 : state === "skipped" ? 0 : done} aria-label={stages[stage.name]} />
      )}
      <span class="stage-count">
        {total ? detail.of(shown(done), shown(total)) : done ? shown(done) : ""}
        {(total || done) ? ` ${language.value === "ko" ? "" : units[stage.unit] ?? stage.unit}` : ""}
      </span>
      <span class="stage-state">
        {stageStates[state]}
        {state === "running" && stage.rate_per_s ? ` · ${rate(stage.rate_per_s, units[stage.unit] ?? stage.unit, language.value)}` : ""}
      </span>
    </li>
  );
}
