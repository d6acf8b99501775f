/** Attempts that take no longer on average are short. */
const shortMs = 20;
/** So many attempts for each slot are taken on ahead while they are short. */
const aheadOfSlot = 3;
/** The part of the average that the newest attempt makes up. */
const newestPart = 0.1;

/**
 * Tells how many attempts to take on beyond the slots. Where attempts take milliseconds, a slot that waits for the
 * commit that fills it again is empty most of the time, and few attempts share that commit; one that was taken on ahead
 * fills the slot at once. Longer attempts are left to whoever has a slot for them.
 */
export class Pace {
  #averageMs = Infinity;

  /** An attempt ran for a time; or one that was taken on ahead has waited so long. */
  took(ms: number): void {
    const isFirst = this.#averageMs === Infinity;
    this.#averageMs = isFirst ? ms : this.#averageMs + (ms - this.#averageMs) * newestPart;
  }

  /** How many may wait for one of so many slots. */
  ahead(slots: number): number {
    return this.#averageMs <= shortMs ? aheadOfSlot * slots : 0;
  }
}
