import type { Item, ItemCounts } from "../api/types";
import { language, words } from "../words/language";
import { count } from "../words/numbers";

const CHANGES = ["added", "changed", "removed", "unchanged", "duplicate"] as const satisfies readonly Item["change"][];

interface Props {
  items: ItemCounts;
  /** To list those of one change, where they can be listed. */
  choose?: (change: Item["change"]) => void;
}

/** What there is to do, in numbers. */
export function PlanCounts({ items, choose }: Props) {
  const { changes, itemStates, detail } = words.value;
  const shown = CHANGES.filter((change) => items[change]);
  return (
    <ul class="plan-counts">
      <li>
        <strong>{count(items.total, language.value)}</strong> <span>{detail.total}</span>
      </li>
      {shown.map((change) => (
        <li key={change} class={change === "removed" ? "bad" : ""} data-change={change}>
          <strong>{count(items[change], language.value)}</strong>{" "}
          {choose ? (
            <button type="button" class="plain" onClick={() => choose(change)}>
              {changes[change]}
            </button>
          ) : (
            <span>{changes[change]}</span>
          )}
        </li>
      ))}
      {items.skipped > 0 && (
        <li>
          <strong>{count(items.skipped, language.value)}</strong> <span>{itemStates.skipped}</span>
        </li>
      )}
    </ul>
  );
}
