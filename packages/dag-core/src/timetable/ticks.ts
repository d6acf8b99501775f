import type { Restriction } from "./timetable.ts";

/** An endless or finite set of instants in ms, asked for by neighbourhood. */
export interface TickSequence {
  /** The first tick after an instant. */
  next(afterMs: number): number | undefined;
  /** The last tick before an instant. */
  previous(beforeMs: number): number | undefined;
}

/** The instant itself if it is a tick, else the next one. */
export function alignNext(ticks: TickSequence, atMs: number): number | undefined {
  return ticks.next(atMs - 1);
}

/** The instant itself if it is a tick, else the one before. */
export function alignPrevious(ticks: TickSequence, atMs: number): number | undefined {
  return ticks.previous(atMs + 1);
}

/** Ticks of any of several sequences, each instant once. */
export function unionTicks(sequences: readonly TickSequence[]): TickSequence {
  const [only] = sequences;
  if (only !== undefined && sequences.length === 1) return only;
  const pick = (choose: (...ms: number[]) => number, found: (number | undefined)[]) => {
    const ticks = found.filter((tick) => tick !== undefined);
    return ticks.length === 0 ? undefined : choose(...ticks);
  };
  return {
    next: (afterMs) =>
      pick(
        Math.min,
        sequences.map((ticks) => ticks.next(afterMs)),
      ),
    previous: (beforeMs) =>
      pick(
        Math.max,
        sequences.map((ticks) => ticks.previous(beforeMs)),
      ),
  };
}

/** Longest delay after which a run still counts as on time. */
const leastGraceMs = 300_000;

/**
 * Whether a tick is past so long that `catchup: "none"` gives it up: by more than a tenth of the distance
 * between ticks and five minutes, or by a whole distance. A restart across a tick therefore loses no run.
 */
export function isMissed(tickMs: number, distanceMs: number, nowMs: number): boolean {
  const grace = Math.min(distanceMs, Math.max(distanceMs / 10, leastGraceMs));
  return nowMs - tickMs > grace;
}

/** The newest tick that `catchup: "latest"` runs: an end date that passed during an outage still bounds it. */
export function newestWithin(
  ticks: TickSequence,
  newestMs: number,
  { catchup, latest }: Restriction,
): number {
  if (catchup !== "latest" || latest === undefined || newestMs <= latest.getTime()) return newestMs;
  return alignPrevious(ticks, latest.getTime()) ?? newestMs;
}
