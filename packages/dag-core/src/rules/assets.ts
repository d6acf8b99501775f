import type { Interval } from "../timetable/data-interval.ts";

export interface UpdateSpan {
  readonly start: Date | null;
  readonly end: Date | null;
}

/**
 * The interval that a run for updates tells its tasks: from the first start to the last end of what the producing runs
 * were about. Where no run made the updates it is the moment.
 */
export function spanOfUpdates(updates: readonly UpdateSpan[], now: Date): Interval {
  const starts = updates.flatMap(({ start }) => start?.getTime() ?? []);
  const ends = updates.flatMap(({ end }) => end?.getTime() ?? []);
  if (starts.length === 0 || ends.length === 0) return { start: now, end: now };
  return { start: new Date(earliest(starts)), end: new Date(latest(ends)) };
}

const earliest = (times: readonly number[]) => times.reduce((a, b) => Math.min(a, b));
const latest = (times: readonly number[]) => times.reduce((a, b) => Math.max(a, b));
