import { closed, type Import } from "../api/types";
import { words } from "../words/language";
import { percent } from "../words/numbers";

/** While nothing has been counted yet the bar moves without a number: no import that is at work ever reads 0 %. */
export function Bar({ view }: { view: Pick<Import, "state" | "fraction"> }) {
  const counted = view.fraction > 0 || closed(view);
  const label = words.value.list.progress;
  return (
    <div class={`bar bar-${view.state}`}>
      {counted ? (
        <progress max={1} value={view.fraction} aria-label={label} />
      ) : view.state === "queued" ? (
        <progress max={1} value={0} aria-label={label} />
      ) : (
        <progress max={1} aria-label={label} />
      )}
      <output aria-hidden="true">{counted ? percent(view.fraction) : ""}</output>
    </div>
  );
}
