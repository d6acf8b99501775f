import { parseCron } from "./cron.ts";
import type { Interval } from "./data-interval.ts";
import { type TimetableSource, timetableOf } from "./parse-schedule.ts";
import type { ScheduleSpec } from "./schedule-spec.ts";
import type { TickSequence } from "./ticks.ts";
import type { Timetable } from "./timetable.ts";
import { type OffsetPeriod, type Zone, zoneOf } from "./wall-clock.ts";
import { wallTicks } from "./wall-ticks.ts";

/** What a change of the clock does to a schedule: to one of its ticks, or to the length of an interval. */
export type ClockChange = ChangedTick | ChangedInterval;

export interface ChangedTick {
  /** The local time of the tick does not exist, or exists twice. */
  readonly kind: "missing" | "ambiguous";
  /** When the clock changes. */
  readonly at: Date;
  readonly cron: string;
  /** Local time of the tick, without offset: `2026-03-29T02:30:00`. */
  readonly localTime: string;
  /** `merged`: shifted to where another tick is. */
  readonly becomes: "shifted" | "merged" | "skipped" | "first" | "second" | "both";
  readonly ticks: readonly Date[];
}

export interface ChangedInterval {
  readonly kind: "interval";
  readonly at: Date;
  readonly interval: Interval;
  readonly lengthMs: number;
  /** What its times of day are apart on the wall clock. */
  readonly usualMs: number;
}

/** A cron with its ticks on the wall clock. */
interface Cron {
  readonly text: string;
  readonly wall: TickSequence;
  readonly everyHour: boolean;
}

interface Search {
  readonly spec: Extract<ScheduleSpec, { readonly kind: "cron" }>;
  readonly crons: readonly Cron[];
  readonly timetable: Timetable;
  readonly zone: Zone;
}

const hourMs = 3_600_000;

/**
 * Where the clock changes of a zone meet a schedule, and what its policies make of that, in order of time.
 *
 * A cron whose hour is `*` follows elapsed time, as `{ every }` does: none of its ticks is missing or ambiguous.
 *
 * @param span from when until when; clipped to the start and end dates of the schedule.
 * @example clockChanges(manifest, { start: now, end: inFiveYears })
 */
export function clockChanges(
  source: Omit<TimetableSource, "catchup">,
  span: Interval,
): readonly ClockChange[] {
  const { schedule, timezone, startDate, endDate } = source;
  if (schedule.kind !== "cron") return [];
  const zone = zoneOf(timezone);
  const crons = schedule.crons.map(readCron);
  const search: Search = { spec: schedule, crons, timetable: timetableOf(source), zone };
  const from = Math.max(span.start.getTime(), Date.parse(startDate));
  const to = Math.min(span.end.getTime(), endDate === undefined ? Infinity : Date.parse(endDate));
  const told = new Set<number>();
  return periodsBetween(zone, from, to).flatMap((period): readonly ClockChange[] => [
    ...crons.flatMap((cron) => changedTicks(search, cron, period)),
    ...changedIntervals(search, period).filter(({ interval: { start } }) => {
      const isNew = !told.has(start.getTime());
      told.add(start.getTime());
      return isNew;
    }),
  ]);
}

function readCron(text: string): Cron {
  const fields = parseCron(text);
  return { text, wall: wallTicks(fields), everyHour: fields.everyHour };
}

/** The offset periods that begin in a span. */
function periodsBetween(zone: Zone, from: number, to: number): OffsetPeriod[] {
  const found: OffsetPeriod[] = [];
  for (let at = from < to ? zone.periodAt(from).endMs : to; at < to;) {
    const period = zone.periodAt(at);
    found.push(period);
    at = period.endMs;
  }
  return found;
}

function changedTicks(search: Search, cron: Cron, period: OffsetPeriod): ChangedTick[] {
  if (cron.everyHour) return [];
  const { gap, overlap } = search.spec;
  const { startMs, offsetMs, offsetBeforeMs } = period;
  const [before, after] = [startMs + offsetBeforeMs, startMs + offsetMs];
  return ticksWithin(cron.wall, Math.min(before, after), Math.max(before, after)).map((local) => {
    const first = new Date(local - offsetBeforeMs);
    const second = new Date(local - offsetMs);
    const about = { at: new Date(startMs), cron: cron.text, localTime: localText(local) };
    if (before > after) {
      const ticks = { first: [first], second: [second], both: [first, second] }[overlap];
      return { kind: "ambiguous", ...about, becomes: overlap, ticks };
    }
    if (gap === "skip") return { kind: "missing", ...about, becomes: "skipped", ticks: [] };
    const isTaken = search.crons.some(({ wall }) => isTick(wall, first.getTime() + offsetMs));
    return { kind: "missing", ...about, becomes: isTaken ? "merged" : "shifted", ticks: [first] };
  });
}

const localText = (local: number): string => new Date(local).toISOString().slice(0, 19);
const isTick = (wall: TickSequence, local: number): boolean => wall.next(local - 1) === local;

function ticksWithin(wall: TickSequence, from: number, to: number): number[] {
  const found: number[] = [];
  let at = wall.next(from - 1);
  while (at !== undefined && at < to) {
    found.push(at);
    at = wall.next(at);
  }
  return found;
}

/** The intervals around a change that are longer or shorter than the times of day that bound them are apart. */
function changedIntervals(search: Search, period: OffsetPeriod): ChangedInterval[] {
  const { spec, crons, timetable } = search;
  const { startMs, offsetMs, offsetBeforeMs } = period;
  const shiftMs = Math.abs(offsetMs - offsetBeforeMs);
  const isElapsed = crons.some((cron) => cron.everyHour) && shiftMs % hourMs === 0;
  const around = timetable.covering(new Date(startMs - 1));
  if (spec.interval === "none" || isElapsed || around === undefined) return [];
  const runs = timetable.between(around.start, new Date(startMs + shiftMs - 1));
  return [...runs].flatMap(({ interval }) => {
    const lengthMs = interval.end.getTime() - interval.start.getTime();
    const usualMs =
      saidAs(search, period, interval.end, "end") - saidAs(search, period, interval.start, "start");
    if (lengthMs === usualMs) return [];
    return [{ kind: "interval", at: new Date(startMs), interval, lengthMs, usualMs }];
  });
}

/**
 * The local time that the schedule says for an instant, in ms: where a tick was shifted, the time that does not exist.
 * A tick on which another was merged ends the interval before it as the shifted one, and begins the next as itself.
 */
function saidAs(
  { crons, zone }: Search,
  period: OffsetPeriod,
  at: Date,
  as: "start" | "end",
): number {
  const ms = at.getTime();
  const { startMs, offsetMs, offsetBeforeMs } = period;
  const local = ms + zone.periodAt(ms).offsetMs;
  const isAfterGap = ms >= startMs && ms < startMs + offsetMs - offsetBeforeMs;
  if (!isAfterGap) return local;
  const skipped = ms + offsetBeforeMs;
  const isSaid = (time: number) => crons.some(({ wall }) => isTick(wall, time));
  if (as === "end") return isSaid(skipped) ? skipped : local;
  return isSaid(local) ? local : skipped;
}
