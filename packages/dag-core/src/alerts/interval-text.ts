import { Temporal } from "temporal-polyfill";
import type { AlertPayload } from "../kernel/alert.ts";

/** The data interval on the wall clock of the DAG: `2026-01-31 03:00 to 2026-02-01 03:00 (Europe/Berlin)`. */
export function intervalText({ dataInterval, timezone }: AlertPayload): string | undefined {
  if (!dataInterval) return undefined;
  const zone = zoneOrUtc(timezone);
  return `${localTime(dataInterval.start, zone)} to ${localTime(dataInterval.end, zone)} (${zone})`;
}

function zoneOrUtc(timezone: string): string {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone).timeZoneId;
  } catch {
    return "UTC";
  }
}

/** `2026-01-31 03:00`, with seconds only where there are some. */
function localTime(instant: string, zone: string): string {
  const at = Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDateTime();
  const smallestUnit = at.second === 0 ? "minute" : "second";
  return at.toString({ smallestUnit }).replace("T", " ");
}
