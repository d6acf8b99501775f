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
 * What is left of an interval when covered stretches are taken away, in order of time.
 *
 * @param covered sorted by start, none overlapping another.
 */
export function subtract(interval: Interval, covered: readonly Interval[]): Interval[] {
  if (isInstant(interval)) return covered.some((c) => holds(c, interval.start)) ? [] : [interval];
  const rest: Interval[] = [];
  let from = interval.start;
  for (const { start, end } of covered) {
    if (end <= from || start >= interval.end) continue;
    if (start > from) rest.push({ start: from, end: start });
    from = end;
  }
  if (from < interval.end) rest.push({ start: from, end: interval.end });
  return rest;
}
