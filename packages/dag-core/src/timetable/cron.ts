import { CronExpressionParser } from "cron-parser";
import { tidemillError, toError } from "../kernel/errors.ts";
import { nearest } from "../kernel/nearest.ts";
import type { CronFields, WeekdayRule } from "./wall-ticks.ts";
import { wallTicks } from "./wall-ticks.ts";

/** Presets that stand for a cron expression. */
export const cronPresets: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@quarterly": "0 0 1 */3 *",
  "@yearly": "0 0 1 1 *",
};

const monthNames = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const dayNames = "SUN MON TUE WED THU FRI SAT".split(" ");
const fieldRules = [
  { name: "minute", allowed: "0 to 59", names: [] },
  { name: "hour", allowed: "0 to 23", names: [] },
  { name: "day of the month", allowed: "1 to 31, or L for the last", names: [] },
  { name: "month", allowed: "1 to 12, or JAN to DEC", names: monthNames },
  {
    name: "day of the week",
    allowed: "0 to 7 (0 and 7 are Sunday), or SUN to SAT",
    names: dayNames,
  },
] as const;

const refuse = (schedule: string, problem: string, remedy: string, cause?: Error): Error =>
  tidemillError("TIDEMILL_SCHEDULE_INVALID", { schedule, problem, remedy }, cause && { cause });

/** The text of one field among stars, which shows whether the field is at fault. */
const alone = (text: string, index: number) =>
  fieldRules.map((_, at) => (at === index ? text : "*")).join(" ");

function parses(expression: string): boolean {
  try {
    CronExpressionParser.parse(expression);
    return true;
  } catch {
    return false;
  }
}

/** The error of an expression that the library refused, in terms of the field at fault. */
function explain(schedule: string, texts: readonly string[], cause: Error): Error {
  const index = texts.findIndex((text, at) => !parses(alone(text, at)));
  const rule = fieldRules[index];
  const text = texts[index];
  if (rule === undefined || text === undefined) {
    return refuse(schedule, "names a day that never comes", "choose a day that its months have");
  }
  const word = /[A-Za-z]{2,}/g.exec(text)?.[0];
  const near = word === undefined ? undefined : nearest(word, rule.names);
  const hint =
    near === undefined || near === word?.toUpperCase() ? "" : `, did you mean "${near}"?`;
  return refuse(
    schedule,
    `has "${text}" as its ${rule.name}`,
    `write ${rule.allowed}, as *, a value, a list, a range or a step${hint}`,
    cause,
  );
}

/** Five texts of an expression; the library would also take six fields and random ones. */
function splitOrThrow(schedule: string): readonly string[] {
  const texts = schedule.trim().split(/\s+/);
  if (schedule.startsWith("@")) {
    const near = nearest(schedule, [...Object.keys(cronPresets), "@once", "@continuous"]);
    const known = [...Object.keys(cronPresets), "@once", "@continuous"].join(" ");
    const hint = near === undefined ? "" : `, did you mean "${near}"?`;
    throw refuse(schedule, "is not a preset", `the presets are ${known}${hint}`);
  }
  if (texts.length !== fieldRules.length || schedule.trim() === "") {
    const count = schedule.trim() === "" ? 0 : texts.length;
    const problem = `has ${count} ${count === 1 ? "field" : "fields"}, not five`;
    throw refuse(schedule, problem, 'write minute, hour, day, month and weekday: "0 3 * * *"');
  }
  if (texts.some((text) => /(^|[^A-Za-z])H/i.test(text))) {
    throw refuse(schedule, "has a random value (H)", "write the value, every run reads it again");
  }
  return texts;
}

function weekdayRules(values: readonly (number | string)[], nth: number): WeekdayRule[] {
  return values.map((value) => {
    const weekday = Number.parseInt(String(value), 10) % 7;
    if (typeof value === "string") return { weekday, nth: "last" };
    return nth === 0 ? { weekday } : { weekday, nth };
  });
}

/**
 * Reads a cron expression of five fields, or a preset that stands for one.
 *
 * A day field that names every day restricts nothing. The hour field counts as `*` only where it is written
 * as a star, or a star with step 1: `0-23` keeps to the wall clock.
 *
 * @throws TidemillError `TIDEMILL_SCHEDULE_INVALID` with the field at fault, or when no day ever fits.
 * @example parseCron("30 2 * * MON-FRI").hours // [2]
 */
export function parseCron(schedule: string): CronFields {
  const texts = splitOrThrow(cronPresets[schedule] ?? schedule);
  const fields = readFields(schedule, texts);
  if (wallTicks(fields).next(0) === undefined) {
    throw refuse(schedule, "names a day that never comes", "choose a day that its months have");
  }
  return fields;
}

function readFields(schedule: string, texts: readonly string[]): CronFields {
  try {
    const read = CronExpressionParser.parse(texts.join(" ")).fields;
    const daysOfMonth = read.dayOfMonth.values.map((day) =>
      typeof day === "number" ? day : "last",
    );
    const weekdays = weekdayRules(read.dayOfWeek.values, read.dayOfWeek.nthDay);
    const isAnyWeekday = new Set(weekdays.map((rule) => rule.weekday)).size === 7;
    return {
      minutes: read.minute.values,
      hours: read.hour.values,
      months: new Set(read.month.values),
      daysOfMonth: daysOfMonth.length >= 31 ? undefined : daysOfMonth,
      daysOfWeek: isAnyWeekday ? undefined : weekdays,
      everyHour: texts[1] === "*" || texts[1] === "*/1",
    };
  } catch (cause) {
    throw explain(schedule, texts, toError(cause));
  }
}
