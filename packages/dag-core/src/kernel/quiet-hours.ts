import { Temporal } from "temporal-polyfill";

/** Hours of each day in which only what cannot wait is told. */
export interface QuietHours {
  /** Wall-clock times, `"22:00"`; from `from` to before `to`, past midnight where `to` is not later. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timezone: string;
}

const form = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)(?: (\S+))?$/;

/**
 * Reads quiet hours; undefined when the text has not their form or names a zone that is none.
 *
 * @example parseQuietHours("22:00-07:00 Europe/Berlin")
 */
export function parseQuietHours(text: string): QuietHours | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const [, fromHour, fromMinute, toHour, toMinute, timezone = "UTC"] = match;
  const hours = { from: `${fromHour}:${fromMinute}`, to: `${toHour}:${toMinute}`, timezone };
  return hours.from !== hours.to && isZone(timezone) ? hours : undefined;
}

function isZone(timezone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The end of the quiet hours that an instant lies in, or undefined when it lies in none. They follow the wall clock:
 * a night in which clocks change is an hour shorter or longer.
 */
export function quietUntil({ from, to, timezone }: QuietHours, now: Date): Date | undefined {
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timezone);
  const time = local.toPlainTime().toString({ smallestUnit: "second" });
  const isOverMidnight = to < from;
  const isEvening = time >= from;
  const isMorning = time < `${to}:00`;
  if (isOverMidnight ? !isEvening && !isMorning : !isEvening || !isMorning) return undefined;
  const day = local.toPlainDate().add({ days: isOverMidnight && isEvening ? 1 : 0 });
  const end = day.toZonedDateTime({ timeZone: timezone, plainTime: Temporal.PlainTime.from(to) });
  return end.epochMilliseconds > now.getTime() ? new Date(end.epochMilliseconds) : undefined;
}
