import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { endSchedule, FETCHED, getHook, getSchedule, putSchedule } from "../api/again";
import type { Hook, Schedule, ScheduleRequest, Source } from "../api/types";
import { Copy } from "../parts/Copy";
import { Problem } from "../parts/Problem";
import { language, words } from "../words/language";
import { count, moment } from "../words/numbers";
import { ScheduleForm, spanOf } from "./ScheduleForm";

const AFTER_MS = 3_000;
const LONGEST_MS = 3_600_000;

/** When a source is imported again by itself. */
export function Again({ project, source }: { project: string; source: Source }) {
  /** Undefined until it is known. */
  const schedule = useSignal<Schedule | null | undefined>(undefined);
  const problem = useSignal<Error | null>(null);
  const saved = useSignal(false);
  const { again: say } = words.value;
  const load = async () => {
    try {
      schedule.value = await getSchedule(project, source.key);
      problem.value = null;
    } catch (error) {
      problem.value = error as Error;
    }
  };
  useEffect(() => void load(), [project, source.key]);
  const next = schedule.value?.next_at;
  useEffect(() => {
    if (!next) return;
    const timer = setTimeout(() => void load(), Math.min(LONGEST_MS, Math.max(0, Date.parse(next) - Date.now()) + AFTER_MS));
    return () => clearTimeout(timer);
  }, [next, schedule.value]);
  const save = async (request: ScheduleRequest | null) => {
    saved.value = false;
    try {
      if (request) schedule.value = await putSchedule(project, source.key, request);
      else if (schedule.value) schedule.value = (await endSchedule(project, source.key), null);
      problem.value = null;
      saved.value = true;
    } catch (error) {
      problem.value = error as Error;
    }
  };
  if (!FETCHED.has(source.kind) && !schedule.value) return null;
  return (
    <details class="again" data-scheduled={!!schedule.value}>
      <summary>
        {say.title}
        {schedule.value !== undefined && `: ${told(schedule.value).join(" · ")}`}
      </summary>
      <p class="quiet">{say.hint}</p>
      {schedule.value !== undefined && <ScheduleForm id={source.key} schedule={schedule.value} save={save} />}
      <p role="status" class="quiet">
        {saved.value && say.saved}
      </p>
      {problem.value && <Problem error={problem.value} />}
      {source.kind === "git" && <Pushes project={project} source={source} />}
    </details>
  );
}

function told(schedule: Schedule | null): string[] {
  const { again: say } = words.value;
  if (!schedule) return [say.onlyAsked];
  const { every_s: every, cron, time_zone: zone, next_at: next, last_at: last, paused } = schedule;
  const often = every === null ? say.cron(cron ?? "", zone) : say.every(long(every));
  const times = [next && say.next(moment(next, language.value)), last && say.last(moment(last, language.value))];
  return [often, ...(paused ? [say.held] : times.filter((time) => !!time).map(String))];
}

function long(seconds: number): string {
  const { number, unit } = spanOf(seconds);
  return words.value.again.units[unit](count(number, language.value));
}

function Pushes({ project, source }: { project: string; source: Source }) {
  const hook = useSignal<Hook | null>(null);
  const problem = useSignal<Error | null>(null);
  const { again: say } = words.value;
  const show = async () => {
    try {
      hook.value = await getHook(project, source.key);
      problem.value = null;
    } catch (error) {
      problem.value = error as Error;
    }
  };
  return (
    <div class="hook">
      <h4>{say.hook}</h4>
      <p class="quiet">{say.hookHint}</p>
      {hook.value ? (
        <>
          <Copy label={say.hookUrl} text={location.origin + hook.value.path} />
          <Copy label={say.hookSecret} text={hook.value.secret} secret />
          {/^(127\.|localhost$|\[::1\]$)/.test(location.hostname) && <p class="quiet">{say.loopback}</p>}
        </>
      ) : (
        <button type="button" class="small" onClick={() => void show()}>
          {say.hookShow}
        </button>
      )}
      {problem.value && <Problem error={problem.value} />}
    </div>
  );
}
