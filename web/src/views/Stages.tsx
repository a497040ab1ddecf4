import type { Import, Stage } from "../api/types";
import { language, words } from "../words/language";
import { count, rate } from "../words/numbers";

const SHAPES: Record<Stage["state"], string> = {
  pending: "M8 7.9v.2",
  running: "M6 4.5v7l5-3.5z",
  waiting: "M4.5 3h7M4.5 13h7M5.5 3c0 4 5 6 5 10M10.5 3c0 4-5 6-5 10",
  done: "M3.5 8.5l3 3l6-7",
  skipped: "M5 8h6",
};

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
  const { stages, stageStates } = words.value;
  const { done, total } = stage;
  const state = stage.state === "done" && !total ? "skipped" : stage.state;
  const name = stages[stage.name];
  const filled = state === "done" ? 1 : total ? done / total : 0;
  return (
    <li class={`stage stage-${state}`} data-stage={stage.name} data-state={state}>
      <svg viewBox="0 0 16 16" role="img" aria-label={stageStates[state]}>
        <title>{stageStates[state]}</title>
        <path d={SHAPES[state]} />
      </svg>
      <span class="stage-name">{name}</span>
      {state === "running" && !total ? <progress max={1} aria-label={name} /> : <progress max={1} value={filled} aria-label={name} />}
      <span class="stage-count">{told(stage, state)}</span>
    </li>
  );
}

function told(stage: Stage, state: Stage["state"]): string {
  const { stageStates, detail, units } = words.value;
  const shown = (value: number) => count(value, language.value);
  if (state === "skipped" || (state === "pending" && !stage.total)) return stageStates[state];
  const unit = units[stage.unit] ?? stage.unit;
  const amount = stage.total ? detail.of(shown(stage.done), shown(stage.total)) : shown(stage.done);
  const speed = state === "running" && stage.rate_per_s ? ` · ${rate(stage.rate_per_s, unit, language.value)}` : ` ${language.value === "ko" ? "" : unit}`;
  return amount + speed;
}
