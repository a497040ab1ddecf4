import { describe, expect, it } from "vitest";
import type { Import, Stage } from "../api/types";
import { timelineOf } from "./timeline";

const BEGUN = Date.parse("2026-01-02T03:00:00Z");

function after(seconds: number): string {
  return new Date(BEGUN + 1000 * seconds).toISOString();
}

function stageOf(name: Stage["name"], from: number | null, to: number | null): Stage {
  return { name, state: to === null ? "running" : "done", unit: "items", done: 1, failed: 0, started_at: from === null ? null : after(from), ended_at: to === null ? null : after(to) };
}

function viewOf(stages: Stage[], changes: Partial<Import> = {}): Import {
  return { stages, live: true, started_at: after(0), updated_at: after(20), closed_at: null, ...changes } as Import;
}

describe("the timeline of stages", () => {
  it("lays what has ended and what is under way on one axis that ends now", () => {
    const timeline = timelineOf(viewOf([stageOf("plan", 0, 10), stageOf("parse", 10, null), stageOf("write", null, null)]), BEGUN + 40_000)!;
    expect(timeline.spans.get("plan")).toEqual({ from: 0, to: 0.25, start: 0, seconds: 10, open: false });
    expect(timeline.spans.get("parse")).toEqual({ from: 0.25, to: 1, start: 10, seconds: 30, open: true });
    expect(timeline.spans.has("write")).toBe(false);
    expect(timeline.ticks.map(({ seconds }) => seconds)).toEqual([0, 20, 40]);
  });
  it("does not let time pass for what has closed, or is not known to be current", () => {
    const ended = viewOf([stageOf("plan", 0, 10), stageOf("parse", 10, null)], { closed_at: after(50) });
    expect(timelineOf(ended, BEGUN + 900_000)!.spans.get("parse")?.seconds).toBe(40);
    const stale = viewOf([stageOf("plan", 0, null)], { live: false });
    expect(timelineOf(stale, BEGUN + 900_000)!.spans.get("plan")?.seconds).toBe(20);
  });
  it("is not drawn where the times were never kept", () => expect(timelineOf(viewOf([stageOf("plan", null, null)]), BEGUN)).toBeNull());
});
