/** A reading is not moved on for longer: two clocks drift apart. */
const longestMs = 60_000;

/**
 * The database's clock, as it was last read, moved on by this process's monotonic clock. It lags by the time that the
 * answer took, and is never ahead, so what it says is due is due.
 */
export class DatabaseClock {
  #reading: { readonly now: Date; readonly mark: number } | undefined;

  /** Takes a reading that has just arrived. */
  observe(now: Date): void {
    this.#reading = { now, mark: performance.now() };
  }

  /** Undefined when it was not read for a while. */
  now(): Date | undefined {
    if (!this.#reading) return undefined;
    const passed = performance.now() - this.#reading.mark;
    return passed > longestMs ? undefined : new Date(this.#reading.now.getTime() + passed);
  }
}
