/** When each stage of an import was at work, on one axis of time. */
import type { Import, Stage } from "../api/types";

export interface Span {
  /** Fractions of the axis. */
  from: number;
  to: number;
  /** Seconds from the beginning of the axis to that of the span. */
  start: number;
  seconds: number;
  /** Whether there is more to do. */
  open: boolean;
}

export interface Timeline {
  spans: ReadonlyMap<Stage["name"], Span>;
  /** Where the axis has a mark, as fraction and in seconds from its beginning. */
  ticks: readonly { at: number; seconds: number }[];
}

const STEPS_S = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const MOST_TICKS = 3;

/** Null where the times are not known, as of imports that closed before they were kept. `now` in milliseconds since the epoch. */
export function timelineOf(view: Import, now: number): Timeline | null {
  const begun = view.stages.filter((stage) => stage.started_at);
  if (!begun.length) return null;
  const end = endOf(view, now);
  const times = begun.map((stage) => ({ name: stage.name, from: at(stage.started_at)!, to: at(stage.ended_at) }));
  const first = Math.min(at(view.started_at) ?? Infinity, ...times.map(({ from }) => from));
  const last = Math.max(end, first + 1000, ...times.map(({ from, to }) => to ?? from));
  const place = (time: number) => (time - first) / (last - first);
  const spans = times.map(({ name, from, to }): [Stage["name"], Span] => {
    const until = Math.max(from, to ?? end);
    return [name, { from: place(from), to: place(until), start: (from - first) / 1000, seconds: (until - from) / 1000, open: to === null }];
  });
  return { spans: new Map(spans), ticks: ticksOf((last - first) / 1000) };
}

/** What is not known to be current stands still. */
function endOf(view: Import, now: number): number {
  const known = at(view.closed_at) ?? at(view.updated_at) ?? now;
  return view.closed_at || !view.live ? known : Math.max(known, now);
}

function ticksOf(seconds: number): { at: number; seconds: number }[] {
  const step = STEPS_S.find((one) => seconds / one <= MOST_TICKS) ?? Math.ceil(seconds / MOST_TICKS / 86_400) * 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => ({ at: (index * step) / seconds, seconds: index * step }));
}

function at(time: string | null | undefined): number | null {
  return time ? Date.parse(time) : null;
}
