import type { ServiceId } from "./service.ts";

/** Starts of one service within the window after which it is left alone. */
const MOST_RESTARTS = 5;
const WINDOW_MS = 10 * 60_000;
const FIRST_WAIT_MS = 500;

/** How long to wait before a service that ended by itself is started again. */
export class Restarts {
  readonly #times = new Map<ServiceId, readonly number[]>();

  /**
   * @param now Milliseconds of a clock that never goes back.
   * @returns The wait in milliseconds, doubled each time; undefined when it was started too often.
   */
  next(service: ServiceId, now: number): number | undefined {
    const recent = (this.#times.get(service) ?? []).filter((time) => now - time < WINDOW_MS);
    if (recent.length >= MOST_RESTARTS) return undefined;
    this.#times.set(service, [...recent, now]);
    return FIRST_WAIT_MS * 2 ** recent.length;
  }
}
