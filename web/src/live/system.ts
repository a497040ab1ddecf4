/** Whether database, engine and workers are there: asked every ten seconds. */
import { computed, signal } from "@preact/signals";
import { getSystem, Unreachable } from "../api/client";
import type { SystemStatus } from "../api/types";
import { keyNeeded } from "../api/session";
import { now } from "./clock";

const EVERY_MS = 10_000;
/** A worker's heartbeat comes each five seconds, and is asked for each ten. */
const ABSENT_S = 18;
/** Where heartbeats are not known: a poller that waits for work may be silent for a minute. */
const SILENT_S = 75;
const WORKFLOW_QUEUE = "imports";

interface Seen {
  status: SystemStatus;
  at: number;
}

const seen = signal<Seen | null>(null);
export const unreachableSince = signal<number | null>(null);
export const system = computed(() => seen.value?.status ?? null);

const queue = computed(() => seen.value?.status.workers.find((one) => one.queue === WORKFLOW_QUEUE) ?? null);

/** Seconds since a worker was heard of; null when none was within the last minutes, or nobody knows. */
export const workerSeenS = computed<number | null>(() => {
  const ages = [queue.value?.heartbeat_age_s, queue.value?.last_seen_s].filter((age) => typeof age === "number");
  return seen.value && ages.length ? Math.min(...ages) + Math.max(0, now.value - seen.value.at) / 1000 : null;
});

/** True only when it is known that no worker is there. */
export const workerAbsent = computed<boolean>(() => {
  const status = system.value;
  if (!status?.temporal.ok) return false;
  const beats = typeof queue.value?.heartbeat_age_s === "number";
  return workerSeenS.value === null || workerSeenS.value > (beats ? ABSENT_S : SILENT_S);
});

/** Looks at once, and again as usual. */
export async function look(): Promise<void> {
  try {
    seen.value = { status: await getSystem(), at: Date.now() };
    unreachableSince.value = null;
  } catch (error) {
    if (error instanceof Unreachable) unreachableSince.value ??= Date.now();
  }
}

export function watchSystem(): void {
  const turn = () => {
    if (!document.hidden && !keyNeeded.value) void look();
  };
  turn();
  setInterval(turn, EVERY_MS);
  document.addEventListener("visibilitychange", turn);
}
