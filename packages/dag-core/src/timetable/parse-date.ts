import { Temporal } from "temporal-polyfill";
import { tidemillError } from "../kernel/errors.ts";
import { zoneOf } from "./wall-clock.ts";

const day = String.raw`\d{4}-\d{2}-\d{2}`;
const time = String.raw`[Tt ]\d{2}:\d{2}(?::[0-5]\d(?:\.\d{1,3})?)?`;
const patterns = {
  date: new RegExp(`^${day}$`),
  local: new RegExp(`^${day}${time}$`),
  instant: new RegExp(String.raw`^${day}${time}(?:[Zz]|[+-]\d{2}:\d{2})$`),
};

/** Whether a text is a date without a time of day. */
export function isBareDate(text: string): boolean {
  return patterns.date.test(text);
}

function readDate(text: string, timezone: string): number | undefined {
  if (isBareDate(text)) {
    return Temporal.PlainDate.from(text).toZonedDateTime(timezone).epochMilliseconds;
  }
  if (patterns.instant.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
  if (!patterns.local.test(text)) return undefined;
  const local = Temporal.PlainDateTime.from(text);
  return local.toZonedDateTime(timezone, { disambiguation: "later" }).epochMilliseconds;
}

/** `read`, with whatever it refuses turned into the error of the text. */
function readOrThrow(text: string, read: () => number | undefined): Date {
  let ms: number | undefined;
  try {
    ms = read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw tidemillError("TIDEMILL_DATE_INVALID", { text }, { cause });
  }
  if (ms === undefined) throw tidemillError("TIDEMILL_DATE_INVALID", { text });
  return new Date(ms);
}

/**
 * The instant a text names: a date (its first moment), a local time, or an instant with `Z` or an offset.
 *
 * A local time that the clock skips is moved on by the gap; one that exists twice is the second, as for schedules.
 *
 * @param timezone IANA zone in which dates and local times are read.
 * @throws TidemillError `TIDEMILL_DATE_INVALID` for other texts and for days that do not exist,
 *   `TIDEMILL_TIMEZONE_UNKNOWN` for an unknown zone.
 * @example parseDate("2026-01-10", "Europe/Berlin").toISOString() // "2026-01-09T23:00:00.000Z"
 */
export function parseDate(text: string, timezone: string): Date {
  const { name } = zoneOf(timezone);
  return readOrThrow(text, () => readDate(text, name));
}

/**
 * The last moment (to the millisecond) a text names: the end of the day for a date, else the instant itself.
 *
 * @throws TidemillError as {@link parseDate}.
 */
export function parseDateInclusive(text: string, timezone: string): Date {
  if (!isBareDate(text)) return parseDate(text, timezone);
  const { name } = zoneOf(timezone);
  return readOrThrow(text, () => {
    const following = Temporal.PlainDate.from(text).add({ days: 1 });
    return following.toZonedDateTime(name).epochMilliseconds - 1;
  });
}
