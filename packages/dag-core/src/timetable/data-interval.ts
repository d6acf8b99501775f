/** A half-open stretch of time `[start, end)`. An instant when both are equal. */
export interface Interval {
  readonly start: Date;
  readonly end: Date;
}

/** An interval from two instants in ms. */
export function intervalOfMs(startMs: number, endMs: number): Interval {
  return { start: new Date(startMs), end: new Date(endMs) };
}

export function isInstant({ start, end }: Interval): boolean {
  return start.getTime() === end.getTime();
}

/** Whether an instant lies in `[start, end)`, or is the instant that the interval is. */
export function holds({ start, end }: Interval, at: Date): boolean {
  return start.getTime() === at.getTime() || (start < at && at < end);
}

/**
 * What is left of an interval when covered stretches are taken away, in order of time. An instant inside it takes no
 * time away.
 *
 * @param covered sorted by start, none overlapping another; only those that meet the interval are looked at.
 */
export function subtract(interval: Interval, covered: readonly Interval[]): Interval[] {
  if (covered.length === 0) return [interval];
  if (isInstant(interval)) return isCovered(interval.start, covered) ? [] : [interval];
  const startMs = interval.start.getTime();
  const endMs = interval.end.getTime();
  const rest: Interval[] = [];
  let fromMs = startMs;
  for (let at = firstWhere(covered, (one) => one.end.getTime() > startMs); ; at++) {
    const one = covered[at];
    if (one !== undefined && isInstant(one)) continue;
    const nextMs = one === undefined ? endMs : Math.min(one.start.getTime(), endMs);
    if (nextMs > fromMs) rest.push(intervalOfMs(fromMs, nextMs));
    if (one === undefined || nextMs === endMs) return rest;
    fromMs = one.end.getTime();
  }
}

function isCovered(at: Date, covered: readonly Interval[]): boolean {
  const last = covered[firstWhere(covered, (one) => one.start > at) - 1];
  return last !== undefined && holds(last, at);
}

/** Index of the first interval that a condition holds for, where it holds for all that follow; their number if none. */
function firstWhere(sorted: readonly Interval[], holdsFor: (one: Interval) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = sorted[middle];
    if (one !== undefined && holdsFor(one)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The contiguous intervals between instants in order of time: of n + 1 instants, n intervals.
 *
 * @example intervalsBetween([monday, tuesday, wednesday]) // [{ start: monday, end: tuesday }, { start: tuesday, end: wednesday }]
 */
export function intervalsBetween(bounds: readonly Date[]): Interval[] {
  return bounds.flatMap((end, index) => {
    const start = bounds[index - 1];
    return start ? [{ start, end }] : [];
  });
}
