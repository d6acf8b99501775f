/** Moments that follow closely are looked at together: schedules that each come at one of their own would cost a look each. */
export const momentsMs = 100;

export interface ClockReading {
  /** The database's clock. */
  readonly now: Date;
  /** When it was read, on this process's monotonic clock. */
  readonly readAt: number;
}

/**
 * The first of some moments that was to come when the clock was read, on this process's monotonic clock. What was due by
 * then and is so still could not be done: it waits for the look that comes in any case, since one at once would find it
 * again and again.
 *
 * @returns `Infinity` if there is none
 */
export function nextDueAt({ now, readAt }: ClockReading, moments: readonly Date[]): number {
  const delays = moments.map((moment) => moment.getTime() - now.getTime());
  return readAt + Math.min(Infinity, ...delays.filter((delayMs) => delayMs > 0));
}

export interface NextLookOptions {
  readonly lookedAt: number;
  readonly dueAt: number;
  /** When to look in any case. */
  readonly latest: number;
}

/** When a scheduler looks again, on its monotonic clock: as something comes due, but never right after its last look. */
export function nextLookAt({ lookedAt, dueAt, latest }: NextLookOptions): number {
  return Math.min(latest, Math.max(dueAt, lookedAt + momentsMs));
}
