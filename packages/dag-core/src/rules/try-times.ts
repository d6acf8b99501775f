export interface TryTimesOptions {
  /** When it was claimed, by the clock of the database. */
  readonly claimedAt: Date;
  /** When its code began, by the clock of its process; absent if it never did. */
  readonly startedAt: Date | undefined;
  /** When it ended, by the clock of its process. */
  readonly endedAt: Date;
  /** The clock of the database when its end is stored. */
  readonly now: Date;
}

export interface TryTimes {
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/**
 * The times of a try by the clock of the database. What its process tells is taken as it is while it lies between the
 * claim and now; the clock of a process may be hours off, and then only the length of the try is believed.
 */
export function tryTimes({ claimedAt, startedAt, endedAt, now }: TryTimesOptions): TryTimes {
  const from = claimedAt.getTime();
  const to = Math.max(from, now.getTime());
  const start = (startedAt ?? claimedAt).getTime();
  const end = Math.max(start, endedAt.getTime());
  if (start >= from && end <= to) return { startedAt: new Date(start), endedAt: new Date(end) };
  const ran = Math.min(end - start, to - from);
  const shifted = end > to ? to - ran : from;
  return { startedAt: new Date(shifted), endedAt: new Date(shifted + ran) };
}
