import { Temporal } from "temporal-polyfill";
import { tidemillError } from "../kernel/errors.ts";

/** A stretch of time in which a zone keeps one offset from UTC: `[startMs, endMs)`, all in ms. */
export interface OffsetPeriod {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
  /** Offset of the period before; equal to `offsetMs` when there is none. */
  readonly offsetBeforeMs: number;
  /** Offset of the period after; equal to `offsetMs` when there is none. */
  readonly offsetAfterMs: number;
}

export interface Zone {
  readonly name: string;
  /** The offset period that holds an instant. */
  periodAt(atMs: number): OffsetPeriod;
}

function readPeriod(name: string, atMs: number): OffsetPeriod {
  const zoned = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name);
  const offset = (ms: number) => zoned(ms).offsetNanoseconds / 1e6;
  const start = zoned(atMs + 1).getTimeZoneTransition("previous")?.epochMilliseconds;
  const end = zoned(atMs).getTimeZoneTransition("next")?.epochMilliseconds;
  const offsetMs = offset(atMs);
  return {
    startMs: start ?? -Infinity,
    endMs: end ?? Infinity,
    offsetMs,
    offsetBeforeMs: start === undefined ? offsetMs : offset(start - 1),
    offsetAfterMs: end === undefined ? offsetMs : offset(end),
  };
}

const zones = new Map<string, Zone>();

/** Whether a text is an IANA zone name. Plain offsets such as `+03:00` are none. */
function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Checks the name of a zone.
 *
 * @throws TidemillError `TIDEMILL_TIMEZONE_UNKNOWN` when it is not an IANA zone.
 */
function checkTimezoneOrThrow(name: string): void {
  if (isTimezone(name)) return;
  const known = ["UTC", ...Intl.supportedValuesOf("timeZone")];
  throw tidemillError("TIDEMILL_TIMEZONE_UNKNOWN", { timezone: name, known });
}

/**
 * A time zone, its offset periods remembered as they are asked for.
 *
 * @throws TidemillError `TIDEMILL_TIMEZONE_UNKNOWN` when the name is not an IANA zone.
 */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  checkTimezoneOrThrow(name);
  const zone = rememberingZone(name);
  zones.set(name, zone);
  return zone;
}

function rememberingZone(name: string): Zone {
  const periods: OffsetPeriod[] = [];
  let last: OffsetPeriod | undefined;
  const holds = (period: OffsetPeriod, ms: number) => period.startMs <= ms && ms < period.endMs;
  return {
    name,
    periodAt(atMs) {
      if (last !== undefined && holds(last, atMs)) return last;
      last = periods.find((period) => holds(period, atMs));
      if (last === undefined) {
        last = readPeriod(name, atMs);
        periods.push(last);
      }
      return last;
    },
  };
}

/**
 * An instant as local time with its offset.
 *
 * @example formatInZone(new Date("2026-01-31T05:00Z"), "Europe/Berlin") // "2026-01-31T06:00:00+01:00"
 */
export function formatInZone(at: Date, timezone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone);
  return zoned.toString({ timeZoneName: "never" });
}
