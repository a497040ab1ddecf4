import { useSignal } from "@preact/signals";
import { dropComparison, steer } from "../api/comparisons";
import { closed, type Comparison } from "../api/types";
import { Ask } from "../parts/Ask";
import { Problem } from "../parts/Problem";
import { navigate, to } from "../router";
import { words } from "../words/language";

interface Props {
  view: Comparison;
  offline: boolean;
  changed: (next: Comparison) => void;
}

type Action = "pause" | "resume" | "cancel" | "drop";

/** What can be done to all of a comparison, as it stands. */
export function ComparisonActions({ view, offline, changed }: Props) {
  const problem = useSignal<Error | null>(null);
  const asked = useSignal<"cancel" | "drop" | null>(null);
  const { comparisons: say, why } = words.value;
  const send = async (action: "pause" | "resume") => {
    problem.value = null;
    try {
      changed(await steer(view, action));
    } catch (error) {
      problem.value = error as Error;
    }
  };
  const act = (action: Action) => {
    if (offline) return;
    if (action === "cancel" || action === "drop") asked.value = action;
    else void send(action);
  };
  const close = () => {
    asked.value = null;
  };
  return (
    <div class="actions">
      <div class="buttons">
        {actionsOf(view).map((action) => (
          <button
            key={action}
            type="button"
            data-action={action}
            class={action === "cancel" || action === "drop" ? "danger" : ""}
            aria-disabled={offline}
            title={offline ? why.offline : undefined}
            onClick={() => act(action)}
          >
            {say[action]}
            {(action === "cancel" || action === "drop") && "…"}
          </button>
        ))}
      </div>
      {problem.value && <Problem error={problem.value} />}
      {asked.value === "cancel" && (
        <Ask id="cancel" title={say.cancelAsked} go={say.stop} danger run={async () => changed(await steer(view, "cancel"))} close={close}>
          <p id="cancel-text">{say.cancelHint}</p>
        </Ask>
      )}
      {asked.value === "drop" && (
        <Ask
          id="drop"
          title={say.dropAsked}
          go={say.drop}
          danger
          run={async () => {
            await dropComparison(view);
            navigate(to.comparisons(view.project));
          }}
          close={close}
        >
          <p id="drop-text">{say.dropHint}</p>
        </Ask>
      )}
    </div>
  );
}

function actionsOf(view: Comparison): Action[] {
  if (closed(view)) return ["drop"];
  if (view.state === "cancelling") return [];
  return [view.state === "paused" ? "resume" : "pause", "cancel"];
}
