import type { Signal } from "@preact/signals";
import type { Options } from "../api/types";
import { words } from "../words/language";
import { Reading } from "./Reading";

interface Props {
  how: Signal<Options>;
  busy: boolean;
  discard: () => void;
}

const FOR_PLAN = "plan";

/** The end of a form that starts an import: at once, after a yes, or not before its plan was seen. */
export function Send({ how, busy, discard }: Props) {
  const { upload: say } = words.value;
  return (
    <>
      <Reading how={how} />
      <label class="choice">
        <input
          type="checkbox"
          checked={how.value.ask ?? false}
          aria-describedby="ask-hint"
          onChange={(event) => {
            how.value = { ...how.value, ask: event.currentTarget.checked };
          }}
        />
        <span>
          {say.ask} <span id="ask-hint" class="quiet">{say.askHint}</span>
        </span>
      </label>
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy}>
          {say.start}
        </button>
        <button type="submit" value={FOR_PLAN} aria-disabled={busy}>
          {say.plan.show}
        </button>
        <button type="button" onClick={discard}>
          {say.discard}
        </button>
      </div>
    </>
  );
}

/** Whether a form was sent to see the plan. */
export function isForPlan(event: SubmitEvent): boolean {
  return event.submitter instanceof HTMLButtonElement && event.submitter.value === FOR_PLAN;
}
