/** Moments that follow closely are looked at together: schedules that each come at one of their own would cost a look each. */
export const momentsMs = 100;

/** A timer may fire this much early, and a look that is early finds nothing. */
const earlyMs = 1;

interface ClockReading {
  /** The database's clock. */
  readonly now: Date;
  /** When it was read, on this process's monotonic clock. */
  readonly readAt: number;
}

interface Moments {
  /** Of the schedules that were kept since: those that had come even so could not be done, and wait for the look that comes in any case. */
  readonly kept: readonly Date[];
  /** The next of all others, which had not come when their statement began. */
  readonly next: Date | null;
}

/**
 * When the next schedule comes due, on this process's monotonic clock.
 *
 * @returns `Infinity` if there is none
 */
export function nextDueAt({ now, readAt }: ClockReading, { kept, next }: Moments): number {
  const toCome = kept.filter((moment) => moment > now);
  const delays = [...toCome, ...(next ? [next] : [])].map(
    (moment) => Math.max(0, moment.getTime() - now.getTime()) + earlyMs,
  );
  return readAt + Math.min(Infinity, ...delays);
}

interface NextLookOptions {
  readonly lookedAt: number;
  readonly dueAt: number;
  /** When to look in any case. */
  readonly latest: number;
}

/** When a scheduler looks again, on its monotonic clock: as something comes due, but never right after its last look. */
export function nextLookAt({ lookedAt, dueAt, latest }: NextLookOptions): number {
  return Math.min(latest, Math.max(dueAt, lookedAt + momentsMs));
}
