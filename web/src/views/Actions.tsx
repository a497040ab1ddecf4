import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { act } from "../api/client";
import { type Action, closed, type Import } from "../api/types";
import type { ImportFeed } from "../live/one";
import { Problem } from "../parts/Problem";
import { navigate, to } from "../router";
import type { Words } from "../words/en";
import { words } from "../words/language";

const KEPT_MS = 30 * 86_400_000;
const ACTIONS: readonly Action[] = ["pause", "resume", "retry-failed", "cancel", "undo"];
/** While it waits for a yes. */
const ANSWERS: readonly Action[] = ["approve", "cancel", "pause"];

/** Reasons for waiting that end when somebody says so. */
const RESUMED = new Set(["operator_action", "cost_cap"]);

/** Why an action does not apply now; null if it does. */
export function whyNot(action: Action, view: Import, why: Words["why"]): string | null {
  const reason = view.reason?.code;
  if (action === "retry-failed") return view.items.failed || view.attachments_failed || view.state === "failed" || view.state === "cancelled" ? null : why.nothingFailed;
  if (action === "undo") return !undoable(view) ? why.nothingDone : tooLate(view) ? why.tooLate : null;
  if (closed(view)) return why.closed;
  if (reason === "follow_up") return why.notBegun;
  if (action === "approve") return reason === "awaiting_approval" ? null : why.noApproval;
  if (view.state === "cancelling") return why.cancelling;
  if (action === "resume") return view.state === "paused" || RESUMED.has(reason ?? "") ? null : why.notPaused;
  if (action === "pause" && view.state === "paused") return why.paused;
  return null;
}

function undoable({ state, mode, items }: Import): boolean {
  return mode === "import" && state !== "failed" && items.added + items.changed + items.removed > 0;
}

/** As the API has it: what was only added can be taken out at any time. */
function tooLate({ items, closed_at }: Import): boolean {
  return items.changed + items.removed > 0 && !!closed_at && Date.now() - Date.parse(closed_at) > KEPT_MS;
}

/** What is asked about before it is done. */
const ASKED: readonly Action[] = ["cancel", "undo"];

export function Actions({ view, feed, offline }: { view: Import; feed: ImportFeed; offline: boolean }) {
  const problem = useSignal<Error | null>(null);
  const asked = useSignal<Action | null>(null);
  const next = useSignal<Import | null>(null);
  const doubtful = useSignal<Action>("cancel");
  const confirmation = useRef<HTMLDialogElement>(null);
  const { actions, why, detail } = words.value;

  const send = async (action: Action) => {
    problem.value = null;
    asked.value = action;
    feed.history.write({ at: Date.now(), kind: "action", action: actions[action] });
    try {
      const answer = await act(view, action);
      if (answer.id === view.id) feed.take(answer);
      else next.value = answer;
    } catch (error) {
      problem.value = error as Error;
    } finally {
      asked.value = null;
    }
  };
  const reasonOf = (action: Action) => (offline ? why.offline : whyNot(action, view, why));
  const actionsNow = view.reason?.code === "awaiting_approval" ? ANSWERS : ACTIONS;
  const shown = actionsNow.filter((action) => (closed(view) ? action === "retry-failed" || action === "undo" : action !== "undo"));
  return (
    <div class="actions">
      <div class="buttons">
        {shown.map((action) => {
          const reason = reasonOf(action);
          return (
              <button
                key={action}
                type="button"
                data-action={action}
                class={action === "approve" ? "primary" : ASKED.includes(action) ? "danger" : ""}
                aria-disabled={reason !== null || asked.value !== null}
                aria-describedby={reason ? "why-not" : undefined}
                title={reason ?? undefined}
                onClick={() => {
                  if (reason || asked.value) return;
                  if (!ASKED.includes(action)) return void send(action);
                  doubtful.value = action;
                  confirmation.current?.showModal();
                }}
              >
                {actions[action]}
              </button>
          );
        })}
      </div>
      <ul id="why-not" class="why">
        {[...Map.groupBy(shown.filter(reasonOf), reasonOf)].map(([reason, held]) => (
          <li key={reason}>
            {held.map((action) => actions[action]).join(", ")}: {reason}
          </li>
        ))}
      </ul>
      {problem.value && <Problem error={problem.value} />}
      {next.value && (
        <p role="status">
          {detail.next}{" "}
          <a
            href={to.import(next.value.project, next.value.id)}
            onClick={(event) => {
              event.preventDefault();
              navigate(to.import(next.value!.project, next.value!.id));
            }}
          >
            {next.value.id}
          </a>
        </p>
      )}
      <dialog ref={confirmation} aria-labelledby="confirm-text">
        <p id="confirm-text">{doubtful.value === "undo" ? detail.confirmUndo : detail.confirmCancel}</p>
        <form method="dialog" class="buttons">
          <button type="submit" class="danger" onClick={() => void send(doubtful.value)}>
            {actions[doubtful.value]}
          </button>
          <button type="submit">{words.value.graph.close}</button>
        </form>
      </dialog>
    </div>
  );
}
