import type { State } from "../api/types";
import { words } from "../words/language";

/** Each state has a shape of its own, so that colour is never all that tells them apart. */
const SHAPES: Record<State, string> = {
  queued: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11M8 5v3l2 1.5",
  running: "M5.5 3.5v9l7-4.5z",
  waiting: "M4 2.5h8M4 13.5h8M5 2.5c0 4 6 7 6 11M11 2.5c0 4-6 7-6 11",
  paused: "M5.5 3.5v9M10.5 3.5v9",
  cancelling: "M4.5 4.5h7v7h-7z",
  succeeded: "M3.5 8.5l3 3l6-7",
  partially_succeeded: "M2.5 8.5l3 3l5-6M13 5v4M13 11.5v.5",
  failed: "M4 4l8 8M12 4l-8 8",
  cancelled: "M3.5 8h9",
};

export function StatePill({ state }: { state: State }) {
  return (
    <span class={`pill state-${state}`} data-state={state}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[state]} />
      </svg>
      {words.value.states[state]}
    </span>
  );
}
