/** Merges what arrives by stream and by request, in whatever order, into what is newest. */
import { closed, type Import } from "../api/types";

export function keyOf(view: Import): string {
  return `${view.project}/${view.id}`;
}

/**
 * The newer of two views of one import. Progress never falls while it runs; a closed import stays closed unless an
 * operator has reset its run, which shows in a later time.
 */
export function newer(before: Import | undefined, now: Import): Import {
  if (!before || keyOf(before) !== keyOf(now)) return now;
  const later = time(now) - time(before);
  if (closed(before) && !closed(now)) return later > 0 ? now : before;
  if (closed(now)) return now;
  if (later < 0 && now.live) return before;
  return now.fraction < before.fraction ? { ...now, fraction: before.fraction } : now;
}

function time(view: Import): number {
  return view.updated_at ? Date.parse(view.updated_at) : 0;
}
