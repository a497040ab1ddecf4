/** Which imports are shown first, and which of them need somebody. */
import { closed, type Import } from "../api/types";

const FOR_SOMEBODY = new Set(["awaiting_approval", "operator_action", "cost_cap", "no_worker", "orchestrator_unavailable", "database_unavailable", "workflow_task_failing"]);

export interface Groups {
  attention: Import[];
  active: Import[];
  over: Import[];
}

/** Newest first in every group. A failed import stops to ask for attention when its source is imported again. */
export function grouped(imports: readonly Import[]): Groups {
  const newest = new Map<string, string>();
  const sorted = [...imports].sort((a, b) => time(b) - time(a));
  for (const view of sorted) {
    const source = `${view.project}/${view.source.key}`;
    if (!newest.has(source)) newest.set(source, view.id);
  }
  const groups: Groups = { attention: [], active: [], over: [] };
  for (const view of sorted) {
    const latest = newest.get(`${view.project}/${view.source.key}`) === view.id;
    if (needsSomebody(view, latest)) groups.attention.push(view);
    else groups[closed(view) ? "over" : "active"].push(view);
  }
  return groups;
}

function needsSomebody(view: Import, latest: boolean): boolean {
  if (view.state === "failed") return latest;
  if (closed(view)) return false;
  return view.state === "paused" || FOR_SOMEBODY.has(view.reason?.code ?? "");
}

function time(view: Import): number {
  return view.created_at ? Date.parse(view.created_at) : Number.POSITIVE_INFINITY;
}
