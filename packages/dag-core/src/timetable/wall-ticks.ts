import type { TickSequence } from "./ticks.ts";

/** What a cron expression says, on a wall clock without a zone. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  /** Undefined: any day. With `daysOfWeek` set too, a day needs to fit only one of them. */
  readonly daysOfMonth: readonly (number | "last")[] | undefined;
  readonly daysOfWeek: readonly WeekdayRule[] | undefined;
  /** Whether the hour field is `*`, which makes the schedule follow elapsed time. */
  readonly everyHour: boolean;
}

/** A weekday (0 is Sunday): each one, the nth, or the last of the month. */
export interface WeekdayRule {
  readonly weekday: number;
  readonly nth?: number | "last";
}

const dayMs = 86_400_000;
/** The fifth Monday of February comes every 28 or 40 years; what stays away for longer never comes. */
const longestWaitDays = 366 * 50;

function fitsWeekday(rule: WeekdayRule, date: Date, lastDay: number): boolean {
  if (date.getUTCDay() !== rule.weekday) return false;
  if (rule.nth === undefined) return true;
  const day = date.getUTCDate();
  return rule.nth === "last" ? day > lastDay - 7 : Math.ceil(day / 7) === rule.nth;
}

function fitsDay(fields: CronFields, date: Date): boolean {
  const { daysOfMonth, daysOfWeek } = fields;
  if (daysOfMonth === undefined && daysOfWeek === undefined) return true;
  const day = date.getUTCDate();
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return (
    daysOfMonth?.some((wanted) => (wanted === "last" ? lastDay : wanted) === day) === true ||
    daysOfWeek?.some((rule) => fitsWeekday(rule, date, lastDay)) === true
  );
}

/** The day to look at after one that does not fit; `step` is 1 or -1. Whole months that do not fit are jumped. */
function followingDay(fields: CronFields, day: number, step: 1 | -1): number {
  const date = new Date(day * dayMs);
  if (fields.months.has(date.getUTCMonth() + 1)) return day + step;
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return (step === 1 ? Date.UTC(year, month + 1, 1) : Date.UTC(year, month, 0)) / dayMs;
}

function firstIndexAbove(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The ticks of a cron expression as if there were no time zones: a local time is counted in ms as though it were UTC.
 * A search goes field by field: days are tried (months jumped), the time of day is looked up.
 */
export function wallTicks(fields: CronFields): TickSequence {
  const times = fields.hours
    .flatMap((hour) => fields.minutes.map((minute) => (hour * 60 + minute) * 60_000))
    .sort((a, b) => a - b);
  const firstTime = times[0] ?? 0;
  const lastTime = times.at(-1) ?? 0;
  /** No day in `[from, to)` fits, `to` does: a rare tick is searched once, however often it is asked for. */
  let wait = { from: 0, to: -1 };

  const fits = (day: number) => {
    if (wait.from <= day && day <= wait.to) return day === wait.to;
    const date = new Date(day * dayMs);
    return fields.months.has(date.getUTCMonth() + 1) && fitsDay(fields, date);
  };
  const nearestDay = (from: number, step: 1 | -1) => {
    let day = from;
    while (!fits(day)) {
      day = followingDay(fields, day, step);
      if (Math.abs(day - from) > longestWaitDays) return undefined;
    }
    return day;
  };
  const firstDay = (from: number) => {
    if (wait.from <= from && from <= wait.to) return wait.to;
    const to = nearestDay(from, 1);
    if (to !== undefined) wait = { from, to };
    return to;
  };

  return {
    next(afterMs) {
      const today = Math.floor(afterMs / dayMs);
      const time = times[firstIndexAbove(times, afterMs - today * dayMs)];
      if (time !== undefined && fits(today)) return today * dayMs + time;
      const day = firstDay(today + 1);
      return day === undefined ? undefined : day * dayMs + firstTime;
    },
    previous(beforeMs) {
      const today = Math.floor(beforeMs / dayMs);
      const time = times[firstIndexAbove(times, beforeMs - today * dayMs - 1) - 1];
      if (time !== undefined && fits(today)) return today * dayMs + time;
      const day = nearestDay(today - 1, -1);
      return day === undefined ? undefined : day * dayMs + lastTime;
    },
  };
}
