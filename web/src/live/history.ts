/** What this page has seen of an import: samples for the plot, kept over a reload, and a log. */
import { type Signal, signal } from "@preact/signals";
import type { Import, Stage } from "../api/types";

export const PLOTTED = ["parse", "embed", "write"] as const satisfies readonly Stage["name"][];

export interface Sample {
  /** Seconds since the epoch. */
  at: number;
  /** Items done in each of the plotted stages. */
  done: readonly number[];
}

export type Entry =
  | { at: number; kind: "state"; state: Import["state"]; reason: string | null }
  | { at: number; kind: "stage"; stage: Stage["name"]; state: Stage["state"] }
  | { at: number; kind: "link"; link: string }
  | { at: number; kind: "action"; action: string };

const MOST_SAMPLES = 900;
const MOST_ENTRIES = 200;
const APART_S = 0.9;

export class History {
  readonly samples: Signal<readonly Sample[]>;
  readonly log: Signal<readonly Entry[]> = signal([]);
  private last: Import | null = null;
  private readonly key: string;

  constructor(name: string) {
    this.key = `longshore.samples/${name}`;
    this.samples = signal(kept(this.key));
  }

  add(view: Import): void {
    this.note(view);
    const done = PLOTTED.map((name) => view.stages.find((stage) => stage.name === name)?.done ?? 0);
    const sample = { at: Date.now() / 1000, done };
    const previous = this.samples.value.at(-1);
    const same = previous?.done.every((value, index) => value === done[index]);
    if (!view.stages.length || (previous && sample.at - previous.at < APART_S) || (view.closed_at && same)) return;
    this.samples.value = thinned([...this.samples.value, sample]);
    sessionStorage.setItem(this.key, JSON.stringify(this.samples.value));
  }

  write(entry: Entry): void {
    this.log.value = [entry, ...this.log.value].slice(0, MOST_ENTRIES);
  }

  private note(view: Import): void {
    const before = this.last;
    this.last = view;
    const at = Date.now();
    for (const stage of view.stages) {
      const was = before?.stages.find((one) => one.name === stage.name)?.state;
      if (before && was && was !== stage.state) this.write({ at, kind: "stage", stage: stage.name, state: stage.state });
    }
    if (before?.state !== view.state || before.reason?.code !== view.reason?.code) {
      this.write({ at, kind: "state", state: view.state, reason: view.reason?.message ?? null });
    }
  }
}

/** Every second of the older half is let go, so that days fit. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length <= MOST_SAMPLES) return samples;
  const half = samples.length >> 1;
  return samples.filter((_, index) => index >= half || index % 2 === 0);
}

function kept(key: string): readonly Sample[] {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "[]") as Sample[];
  } catch {
    return [];
  }
}
