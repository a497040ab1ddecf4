import { useSignal } from "@preact/signals";
import { promoteVariant, retryVariant } from "../api/comparisons";
import { closed, type Comparison, type Step, type StepBoard, type Variant } from "../api/types";
import { now } from "../live/clock";
import { Ask } from "../parts/Ask";
import { settingsOf } from "../words/comparing";
import { language, words } from "../words/language";
import { count, duration, percent } from "../words/numbers";

interface Props {
  view: Comparison;
  offline: boolean;
  changed: (next: Comparison) => void;
  /** It was asked for, and may go on after the answer. */
  promoted: (variant: string, next: Comparison) => void;
}

interface Asked {
  what: "retry" | "promote";
  variant: Variant;
}

const SHAPES: Record<StepBoard["state"], string> = {
  pending: "M8 7.9v.2",
  running: "M6 4.5v7l5-3.5z",
  done: "M3.5 8.5l3 3l6-7",
  failed: "M4 4l8 8M12 4l-8 8",
  cancelled: "M4 8h8",
};

/** A row for each variant, a column for each step. */
export function ComparisonBoard({ view, offline, changed, promoted }: Props) {
  const asked = useSignal<Asked | null>(null);
  const { comparisons: say } = words.value;
  const steps = view.variants[0]!.steps.map(({ name }) => name);
  const waits = !closed(view) && view.variants.some(({ state }) => state === "succeeded");
  const ask = (what: Asked["what"], variant: Variant) => {
    if (!offline) asked.value = { what, variant };
  };
  const close = () => {
    asked.value = null;
  };
  return (
    <section class="card" aria-labelledby="board-title">
      <h2 id="board-title">{say.board}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="board-title">
        <table class="board">
          <thead>
            <tr>
              <th scope="col">{say.variant}</th>
              {steps.map((step) => (
                <th key={step} scope="col">
                  {say.steps[step]}
                </th>
              ))}
              <th scope="col">
                <span class="sr">{say.actions}</span>
              </th>
            </tr>
          </thead>
          {view.variants.map((variant) => (
            <Row key={variant.name} view={view} variant={variant} offline={offline} ask={ask} />
          ))}
        </table>
      </div>
      {waits && <p class="quiet">{say.afterwards}</p>}
      {asked.value?.what === "retry" && <Retry view={view} variant={asked.value.variant} changed={changed} close={close} />}
      {asked.value?.what === "promote" && <Promote view={view} variant={asked.value.variant} promoted={promoted} close={close} />}
    </section>
  );
}

function Row({ view, variant, offline, ask }: { view: Comparison; variant: Variant; offline: boolean; ask: (what: Asked["what"], variant: Variant) => void }) {
  const { comparisons: say, why } = words.value;
  const failed = variant.steps.filter(({ reason }) => reason);
  const ended = variant.state !== "queued" && variant.state !== "running";
  const free = !view.promoted && view.state !== "cancelling";
  const button = (what: Asked["what"]) => (
    <button
      type="button"
      class="small"
      data-action={what}
      aria-label={`${say[what]}: ${variant.name}`}
      aria-disabled={offline}
      title={offline ? why.offline : undefined}
      onClick={() => ask(what, variant)}
    >
      {say[what]}…
    </button>
  );
  return (
    <tbody data-variant={variant.name} data-state={variant.state}>
      <tr>
        <th scope="row">
          {variant.name} {view.promoted === variant.name && <span class="tag served">{say.served}</span>}
          <span class="quiet">{settingsOf(variant, words.value, language.value)}</span>
        </th>
        {variant.steps.map((step) => (
          <StepCell key={step.name} step={step} over={ended} progress={step.name === "import" ? variant.progress : null} />
        ))}
        <td>
          <div class="buttons">
            {free && ended && button("retry")}
            {free && closed(view) && variant.state === "succeeded" && button("promote")}
          </div>
        </td>
      </tr>
      {failed.map((step) => (
        <tr key={step.name} class="step-reason">
          <td colSpan={variant.steps.length + 2}>
            {say.steps[step.name]}: {step.reason!.message}
          </td>
        </tr>
      ))}
    </tbody>
  );
}

/** A step: `over` when its variant has ended, so that what is still to come will not. */
function StepCell({ step, over, progress }: { step: StepBoard; over: boolean; progress: number | null | undefined }) {
  const { comparisons: say } = words.value;
  const counted = step.state === "running" && typeof progress === "number";
  return (
    <td class={`stage-${step.state}`} data-step={step.name} data-state={step.state}>
      <span class="step">
        <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
          <path d={SHAPES[step.state]} />
        </svg>
        {counted ? percent(progress) : over && step.state === "pending" ? say.unreached : say.stepStates[step.state]}
      </span>
      {counted && <progress max={1} value={progress} aria-label={say.steps[step.name]} />}
      <span class="quiet">{timesOf(step).join(" · ")}</span>
    </td>
  );
}

function timesOf(step: StepBoard): string[] {
  const { comparisons: say, detail } = words.value;
  const from = step.started_at ? Date.parse(step.started_at) : null;
  const end = step.ended_at ? Date.parse(step.ended_at) : now.value;
  const seconds = from === null || step.state === "pending" ? null : (end - from) / 1000;
  const long = seconds === null ? "" : seconds < 1 ? detail.moment : duration(seconds, language.value);
  return [long, step.attempt > 1 ? say.attempt(count(step.attempt, language.value)) : ""].filter(Boolean);
}

/** From the first step that is not done on, or from one before it. */
function Retry({ view, variant, changed, close }: { view: Comparison; variant: Variant; changed: Props["changed"]; close: () => void }) {
  const left = variant.steps.findIndex(({ state }) => state !== "done");
  const possible = variant.steps.slice(0, left < 0 ? variant.steps.length : left + 1);
  const from = useSignal<Step>(left < 0 ? possible[0]!.name : possible.at(-1)!.name);
  const { comparisons: say } = words.value;
  return (
    <Ask
      id="retry"
      title={say.retryAsked(variant.name)}
      go={say.retry}
      run={async () => changed(await retryVariant(view, variant.name, from.value))}
      close={close}
    >
      <p id="retry-text">{say.retryHint}</p>
      <div class="field">
        <label for="retry-from">{say.retryFrom}</label>
        <select
          id="retry-from"
          value={from.value}
          onChange={(event) => {
            from.value = event.currentTarget.value as Step;
          }}
        >
          {possible.map(({ name }) => (
            <option key={name} value={name}>
              {say.steps[name]}
            </option>
          ))}
        </select>
      </div>
    </Ask>
  );
}

function Promote({ view, variant, promoted, close }: { view: Comparison; variant: Variant; promoted: Props["promoted"]; close: () => void }) {
  const { comparisons: say } = words.value;
  return (
    <Ask
      id="promote"
      title={say.promoteAsked(view.project, variant.name)}
      go={say.promote}
      run={async () => promoted(variant.name, await promoteVariant(view, variant.name))}
      close={close}
    >
      <p id="promote-text">{say.promoteHint}</p>
    </Ask>
  );
}
