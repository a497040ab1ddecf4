import { words } from "../words/language";

interface Props {
  ask: { value: boolean };
  busy: boolean;
  discard: () => void;
}

const FOR_PLAN = "plan";

/** The end of a form that starts an import: at once, after a yes, or not before its plan was seen. */
export function Send({ ask, busy, discard }: Props) {
  const { upload: say } = words.value;
  return (
    <>
      <label class="choice">
        <input
          type="checkbox"
          checked={ask.value}
          aria-describedby="ask-hint"
          onChange={(event) => {
            ask.value = event.currentTarget.checked;
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
