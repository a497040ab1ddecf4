import { useSignal } from "@preact/signals";
import type { Schedule, ScheduleRequest } from "../api/types";
import { Field } from "../parts/Field";
import { words } from "../words/language";

/** In seconds. */
const UNITS = [86_400, 3600, 60] as const;
type Unit = (typeof UNITS)[number];
type Mode = "none" | "interval" | "cron";

const ZONES = Intl.supportedValuesOf("timeZone");

interface Props {
  /** Of the source; the ids of the fields begin with it. */
  id: string;
  schedule: Schedule | null;
  /** Null: no longer. */
  save: (request: ScheduleRequest | null) => Promise<void>;
}

export function ScheduleForm({ id, schedule, save }: Props) {
  const { number, unit } = spanOf(schedule?.every_s ?? UNITS[0]);
  const mode = useSignal<Mode>(!schedule ? "none" : schedule.cron ? "cron" : "interval");
  const times = useSignal(String(number));
  const span = useSignal<Unit>(unit);
  const cron = useSignal(schedule?.cron ?? "0 3 * * *");
  const zone = useSignal(schedule?.cron ? schedule.time_zone : Intl.DateTimeFormat().resolvedOptions().timeZone);
  const tried = useSignal(false);
  const { again: say } = words.value;
  const goodNumber = /^[1-9]\d{0,4}$/.test(times.value.trim());
  const goodCron = cron.value.trim().split(/\s+/).length === 5;
  const send = async (event: Event) => {
    event.preventDefault();
    tried.value = true;
    if (mode.value === "none") return save(null);
    if (mode.value === "interval") return goodNumber ? save({ every_s: Number(times.value) * span.value }) : undefined;
    return goodCron ? save({ cron: cron.value.trim().replace(/\s+/g, " "), time_zone: zone.value.trim() }) : undefined;
  };
  return (
    <form class="schedule" noValidate onSubmit={(event) => void send(event)}>
      <div class="fields">
        <div class="field">
          <label for={`${id}-mode`}>{say.mode}</label>
          <select
            id={`${id}-mode`}
            value={mode.value}
            onChange={(event) => {
              mode.value = event.currentTarget.value as Mode;
            }}
          >
            {Object.entries(say.modes).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {mode.value === "interval" && (
          <div class="span">
            <Field id={`${id}-number`} label={say.number} hint="" problem={tried.value && !goodNumber ? say.badNumber : null} value={times} />
            <select
              aria-label={say.unit}
              value={span.value}
              onChange={(event) => {
                span.value = Number(event.currentTarget.value) as Unit;
              }}
            >
              {UNITS.map((one) => (
                <option key={one} value={one}>
                  {say.unitNames[one]}
                </option>
              ))}
            </select>
          </div>
        )}
        {mode.value === "cron" && (
          <>
            <Field id={`${id}-cron`} label={say.expression} hint={say.expressionHint} problem={tried.value && !goodCron ? say.badExpression : null} value={cron} />
            <Field id={`${id}-zone`} label={say.zone} hint={say.zoneHint} value={zone} options={ZONES} />
          </>
        )}
      </div>
      <button type="submit" class="small">
        {say.save}
      </button>
    </form>
  );
}

/** In the largest unit that has it whole. */
export function spanOf(seconds: number): { number: number; unit: Unit } {
  const unit = UNITS.find((one) => seconds % one === 0) ?? 60;
  return { number: seconds / unit, unit };
}
