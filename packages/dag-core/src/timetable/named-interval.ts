import type { Interval } from "./data-interval.ts";
import { isBareDate, parseDate, parseDateInclusive } from "./parse-date.ts";
import type { Timetable } from "./timetable.ts";

/**
 * The interval a person means by a date: for a date without time of day the first one whose logical date lies on
 * that day, else the one that contains the instant.
 *
 * @param timezone the DAG's zone.
 * @throws TidemillError `TIDEMILL_DATE_INVALID` when the text is no date.
 * @example namedInterval(timetable, "2026-01-05", "Europe/Berlin")
 */
export function namedInterval(
  timetable: Timetable,
  text: string,
  timezone: string,
): Interval | undefined {
  const from = parseDate(text, timezone);
  if (isBareDate(text)) {
    for (const run of timetable.between(from, parseDateInclusive(text, timezone))) {
      return run.interval;
    }
  }
  return timetable.covering(from);
}
