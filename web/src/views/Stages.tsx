import type { Import, Stage } from "../api/types";
import { now } from "../live/clock";
import { type Span, type Timeline, timelineOf } from "../parts/timeline";
import { language, words } from "../words/language";
import { count, duration, rate } from "../words/numbers";
import { stageName } from "../words/sentence";

const SHAPES: Record<Stage["state"], string> = {
  pending: "M8 7.9v.2",
  running: "M6 4.5v7l5-3.5z",
  waiting: "M4.5 3h7M4.5 13h7M5.5 3c0 4 5 6 5 10M10.5 3c0 4-5 6-5 10",
  done: "M3.5 8.5l3 3l6-7",
  skipped: "M5 8h6",
};

/** Fraction of the axis that a bar has at least, so that it can be seen. */
const LEAST = 0.012;

export function Stages({ view }: { view: Import }) {
  const { detail } = words.value;
  const timeline = timelineOf(view, now.value);
  return (
    <section class="card" aria-labelledby="stages-title">
      <h2 id="stages-title">{detail.stages}</h2>
      <ol class={timeline ? "stages timed" : "stages"}>
        {view.stages.map((stage) => (
          <Row key={stage.name} stage={stage} name={stageName(stage.name, view.source.kind, words.value)} timeline={timeline} />
        ))}
        {timeline && <Axis timeline={timeline} />}
      </ol>
    </section>
  );
}

function Row({ stage, name, timeline }: { stage: Stage; name: string; timeline: Timeline | null }) {
  const { stageStates } = words.value;
  const { done, total } = stage;
  const idle = stage.state === "running" && timeline !== null && !stage.started_at; // as while a plan waits for a yes
  const state = stage.state === "done" && !total ? "skipped" : idle ? "pending" : stage.state;
  const filled = state === "done" ? 1 : total ? done / total : 0;
  const span = timeline?.spans.get(stage.name);
  return (
    <li class={`stage stage-${state}`} data-stage={stage.name} data-state={state}>
      <svg class="shape" viewBox="0 0 16 16" role="img" aria-label={stageStates[state]}>
        <title>{stageStates[state]}</title>
        <path d={SHAPES[state]} />
      </svg>
      <span class="stage-name">{name}</span>
      {timeline ? (
        <Bar timeline={timeline} span={span} filled={filled} />
      ) : state === "running" && !total ? (
        <progress max={1} aria-label={name} />
      ) : (
        <progress max={1} value={filled} aria-label={name} />
      )}
      <span class="stage-count">
        {told(stage, state)}
        {span && <Took span={span} />}
      </span>
    </li>
  );
}

/** From when to when a stage was at work, filled as far as what it has to do is done. */
function Bar({ timeline, span, filled }: { timeline: Timeline; span: Span | undefined; filled: number }) {
  return (
    <svg class="span" aria-hidden="true">
      {timeline.ticks.map(({ at }) => (
        <line key={at} x1={shown(at)} x2={shown(at)} y1="0" y2="100%" />
      ))}
      {span && <rect class={span.open ? "whole open" : "whole"} x={shown(span.from)} width={shown(Math.max(LEAST, span.to - span.from))} y="25%" height="50%" rx="3" />}
      {span && filled > 0 && <rect class="filled" x={shown(span.from)} width={shown(Math.max(LEAST, span.to - span.from) * filled)} y="25%" height="50%" rx="3" />}
    </svg>
  );
}

function Took({ span }: { span: Span }) {
  const { detail } = words.value;
  const long = span.seconds < 1 ? detail.moment : duration(span.seconds, language.value);
  const after = duration(span.start, language.value);
  return (
    <>
      {!span.open && <span aria-hidden="true"> · {long}</span>}
      <span class="sr">. {span.open ? detail.sinceThen(after, long) : detail.lasted(after, long)}</span>
    </>
  );
}

/** The seconds below the bars; a reader of the screen hears them with each stage. */
function Axis({ timeline }: { timeline: Timeline }) {
  return (
    <li class="stage axis" aria-hidden="true">
      <svg class="span">
        {timeline.ticks.map(({ at, seconds }) => (
          <text key={at} x={shown(at)} y="1em" text-anchor={at === 0 ? "start" : at > 0.93 ? "end" : "middle"}>
            {duration(seconds, language.value)}
          </text>
        ))}
      </svg>
    </li>
  );
}

function shown(fraction: number): string {
  return `${(100 * fraction).toFixed(2)}%`;
}

function told(stage: Stage, state: Stage["state"]): string {
  const { stageStates, detail, units } = words.value;
  const counted = (value: number) => count(value, language.value);
  if (state === "skipped" || (state === "pending" && !stage.total)) return stageStates[state];
  const unit = units[stage.unit] ?? stage.unit;
  const amount = stage.total ? detail.of(counted(stage.done), counted(stage.total)) : counted(stage.done);
  const speed = state === "running" && stage.rate_per_s ? ` · ${rate(stage.rate_per_s, unit, language.value)}` : ` ${language.value === "ko" ? "" : unit}`;
  return amount + speed;
}
