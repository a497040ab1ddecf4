/** Numbers, sizes and times as a person says them, in both languages. */

export type Language = "en" | "ko";

const UNITS = {
  en: { s: "s", min: "min", h: "h", d: "d", left: (range: string) => `about ${range} left`, ago: (span: string) => `${span} ago` },
  ko: { s: "초", min: "분", h: "시간", d: "일", left: (range: string) => `약 ${range} 남음`, ago: (span: string) => `${span} 전` },
} as const;

/** A fraction of 0 to 1 in whole percent, rounded down, so that 100 is reached at the end only. */
export function percent(fraction: number): string {
  if (fraction > 0 && fraction < 0.01) return "<1 %";
  return `${Math.floor(100 * fraction + 1e-9)} %`;
}

export function count(value: number, language: Language): string {
  return value.toLocaleString(language);
}

/** `812 B`, `4.2 MB`, in decimal units. */
export function size(bytes: number): string {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 999.5) return unit === "B" || value >= 99.5 ? `${Math.round(value)} ${unit}` : `${value.toFixed(1)} ${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)} TB`;
}

/** `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function duration(seconds: number, language: Language): string {
  const unit = UNITS[language];
  const gap = language === "ko" ? "" : " ";
  const total = Math.max(0, Math.round(seconds));
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string) =>
    `${large}${gap}${largeUnit}${small ? ` ${small}${gap}${smallUnit}` : ""}`;
  if (total < 60) return `${total}${gap}${unit.s}`;
  if (total < 3600) return pair(Math.floor(total / 60), unit.min, total < 600 ? total % 60 : 0, unit.s);
  if (total < 86_400) return pair(Math.floor(total / 3600), unit.h, Math.floor((total % 3600) / 60), unit.min);
  return pair(Math.floor(total / 86_400), unit.d, Math.floor((total % 86_400) / 3600), unit.h);
}

export function ago(seconds: number, language: Language): string {
  return UNITS[language].ago(duration(seconds, language));
}

/** `about 2–5 min left`; null while nobody knows, and where the range is too wide to be of use. */
export function timeLeft(range: readonly number[] | null | undefined, language: Language): string | null {
  const [low, high] = range ?? [];
  if (low === undefined || high === undefined || high > Math.max(10, 4 * low)) return null;
  const unit = UNITS[language];
  const gap = language === "ko" ? "" : " ";
  const [divisor, name] = high < 90 ? [1, unit.s] : high < 5400 ? [60, unit.min] : [3600, unit.h];
  const first = Math.round(low / divisor);
  const last = Math.max(1, Math.round(high / divisor));
  return unit.left(first === last ? `${last}${gap}${name}` : `${first}–${last}${gap}${name}`);
}

/** Units a second, or a minute where they are few. */
export function rate(perSecond: number, unit: string, language: Language): string {
  const fast = perSecond >= 1;
  const value = fast ? perSecond : perSecond * 60;
  const shown = value >= 10 ? count(Math.round(value), language) : value.toFixed(1);
  return language === "ko" ? `${fast ? "초당" : "분당"} ${shown}${unit}` : `${shown} ${unit}/${fast ? "s" : "min"}`;
}

export function clock(time: string | Date, language: Language): string {
  return new Date(time).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

/** An amount of money, of which the currency is not known. */
export function money(amount: number, language: Language): string {
  if (amount > 0 && amount < 0.01) return "<0.01";
  return amount.toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Day and time, to the minute. */
export function moment(time: string, language: Language): string {
  return new Date(time).toLocaleString(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
}

export function day(time: string, language: Language): string {
  return new Date(time).toLocaleDateString(language, { year: "numeric", month: "short", day: "numeric" });
}
