import type { Import } from "../api/types";
import type { Words } from "../words/en";
import { count, type Language, money, rate } from "../words/numbers";

export function settled({ items }: Import): number {
  return items.added + items.changed + items.unchanged + items.duplicate + items.skipped + items.failed;
}

/** The rate of the stage that is furthest on among those under way. */
export function rateOf(view: Import, words: Words, language: Language): string | null {
  if (view.state !== "running") return null;
  const stage = view.stages.filter((one) => one.state === "running" && one.rate_per_s).at(-1);
  return stage ? rate(stage.rate_per_s!, words.units[stage.unit] ?? stage.unit, language) : null;
}

export function itemsOf(view: Import, words: Words, language: Language): string | null {
  const { total } = view.items;
  if (!total) return null;
  const unit = language === "ko" ? words.itemUnit : ` ${words.itemUnit}`;
  return `${count(settled(view), language)} / ${count(total, language)}${unit}`;
}

/** What providers were sent for it, and what that costs. */
export function spentOf({ tokens, cost }: Import, { detail }: Words, language: Language): string[] {
  return [tokens > 0 ? detail.spent(count(tokens, language)) : "", cost > 0 ? detail.costs(money(cost, language)) : ""].filter(Boolean);
}
