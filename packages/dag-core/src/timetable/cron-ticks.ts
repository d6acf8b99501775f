import type { GapPolicy, OverlapPolicy } from "./schedule-spec.ts";
import type { TickSequence } from "./ticks.ts";
import type { CronFields } from "./wall-ticks.ts";
import { wallTicks } from "./wall-ticks.ts";
import type { OffsetPeriod, Zone } from "./wall-clock.ts";

export interface CronTicksOptions {
  readonly zone: Zone;
  readonly gap: GapPolicy;
  readonly overlap: OverlapPolicy;
}

/** Most offset periods searched for a tick: more than a zone has in the longest wait between ticks. */
const maxPeriods = 250;

/** The part of a period, in local ms `[from, to)`, whose wall-clock ticks count. */
function countedWall(period: OffsetPeriod, overlap: OverlapPolicy) {
  const { startMs, endMs, offsetMs, offsetBeforeMs, offsetAfterMs } = period;
  const isSecond = overlap === "first" ? Math.max(0, offsetBeforeMs - offsetMs) : 0;
  const isFirst = overlap === "second" ? Math.max(0, offsetMs - offsetAfterMs) : 0;
  return { from: startMs + offsetMs + isSecond, to: endMs + offsetMs - isFirst };
}

/** The local times, in ms `[from, to)`, that the clock skipped when a period began; they move on by the gap. */
function skippedWall(period: OffsetPeriod, gap: GapPolicy) {
  const { startMs, offsetMs, offsetBeforeMs } = period;
  if (gap === "skip" || offsetBeforeMs >= offsetMs) return undefined;
  return { from: startMs + offsetBeforeMs, to: startMs + offsetMs };
}

interface Search {
  readonly wall: TickSequence;
  readonly gap: GapPolicy;
  readonly overlap: OverlapPolicy;
}

function nextInPeriod(search: Search, period: OffsetPeriod, afterMs: number): number | undefined {
  const { wall } = search;
  const counted = countedWall(period, search.overlap);
  const local = wall.next(Math.max(afterMs + period.offsetMs, counted.from - 1));
  const regular = local !== undefined && local < counted.to ? local - period.offsetMs : undefined;
  const skipped = skippedWall(period, search.gap);
  if (skipped === undefined) return regular;
  const lost = wall.next(Math.max(afterMs + period.offsetBeforeMs, skipped.from - 1));
  if (lost === undefined || lost >= skipped.to) return regular;
  return Math.min(lost - period.offsetBeforeMs, regular ?? Infinity);
}

function previousInPeriod(search: Search, period: OffsetPeriod, beforeMs: number) {
  const { wall } = search;
  const counted = countedWall(period, search.overlap);
  const local = wall.previous(Math.min(beforeMs + period.offsetMs, counted.to));
  const regular =
    local !== undefined && local >= counted.from ? local - period.offsetMs : undefined;
  const skipped = skippedWall(period, search.gap);
  if (skipped === undefined) return regular;
  const lost = wall.previous(Math.min(beforeMs + period.offsetBeforeMs, skipped.to));
  if (lost === undefined || lost < skipped.from) return regular;
  return Math.max(lost - period.offsetBeforeMs, regular ?? -Infinity);
}

/**
 * The instants of a cron expression in a zone.
 *
 * Each offset period of the zone is searched on its own: the wall clock runs evenly inside it, and the policies say
 * which ticks belong to the period where two of them meet. So ticks are a set of instants, whatever the zone does,
 * and asking forward and backward agrees.
 *
 * An expression whose hour field is `*` follows elapsed time: nothing is lost in a gap and both passes of an
 * overlap tick, whatever the policies say.
 */
export function cronTicks(fields: CronFields, options: CronTicksOptions): TickSequence {
  const { zone } = options;
  const search: Search = {
    wall: wallTicks(fields),
    gap: fields.everyHour ? "shift" : options.gap,
    overlap: fields.everyHour ? "both" : options.overlap,
  };
  return {
    next(afterMs) {
      let period = zone.periodAt(afterMs);
      for (let count = 0; count < maxPeriods; count++) {
        const tick = nextInPeriod(search, period, afterMs);
        if (tick !== undefined || period.endMs === Infinity) return tick;
        period = zone.periodAt(period.endMs);
      }
      return undefined;
    },
    previous(beforeMs) {
      let period = zone.periodAt(beforeMs - 1);
      for (let count = 0; count < maxPeriods; count++) {
        const tick = previousInPeriod(search, period, beforeMs);
        if (tick !== undefined || period.startMs === -Infinity) return tick;
        period = zone.periodAt(period.startMs - 1);
      }
      return undefined;
    },
  };
}
