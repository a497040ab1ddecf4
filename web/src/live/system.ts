/** Whether database, engine and workers are there: asked every ten seconds. */
import { computed, signal } from "@preact/signals";
import { getSystem, Unreachable } from "../api/client";
import type { SystemStatus } from "../api/types";
import { now } from "./clock";

const EVERY_MS = 10_000;
/** A poller that waits for work may be silent for a minute; a dead one is forgotten after five. */
const ABSENT_S = 75;
const WORKFLOW_QUEUE = "imports";

interface Seen {
  status: SystemStatus;
  at: number;
}

const seen = signal<Seen | null>(null);
export const unreachableSince = signal<number | null>(null);
export const system = computed(() => seen.value?.status ?? null);

/** Seconds since a worker asked for work; null when none has within the last minutes, or nobody knows. */
export const workerSeenS = computed<number | null>(() => {
  const last = seen.value?.status.workers.find((queue) => queue.queue === WORKFLOW_QUEUE)?.last_seen_s;
  return seen.value && last !== undefined && last !== null ? last + Math.max(0, now.value - seen.value.at) / 1000 : null;
});

/** True only when it is known that no worker asks for work. */
export const workerAbsent = computed<boolean>(() => {
  const status = system.value;
  if (!status?.temporal.ok) return false;
  return workerSeenS.value === null || workerSeenS.value > ABSENT_S;
});

async function look(): Promise<void> {
  try {
    seen.value = { status: await getSystem(), at: Date.now() };
    unreachableSince.value = null;
  } catch (error) {
    if (error instanceof Unreachable) unreachableSince.value ??= Date.now();
  }
}

export function watchSystem(): void {
  const turn = () => {
    if (!document.hidden) void look();
  };
  turn();
  setInterval(turn, EVERY_MS);
  document.addEventListener("visibilitychange", turn);
}
