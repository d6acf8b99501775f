interface Look<Mark> {
  readonly mark: Mark;
  /** What the last look from the head took. */
  readonly headMs: number;
  /** Until when it may be begun at the mark; undefined: not yet. */
  readonly until: number | undefined;
}

export interface LowWaterOptions {
  /** Longest time in milliseconds between two looks from the head. */
  readonly longestMs: number;
  /** Milliseconds of a clock that never goes back. Defaults to `performance.now`. */
  readonly now?: () => number;
}

/** A look that takes no longer is begun at the head each time. */
const cheapMs = 5;
/** Of the time, looks from the head may take this part. */
const worth = 50;
/** So much longer must the look from the head have taken than the one from a mark. */
const gain = 3;

/**
 * Where the heads of queues were when they were last looked for. While some transaction stays open the server keeps
 * every row that left the head of a queue since, and each look goes past them all. After two looks from the head that
 * took long, the next one from there waits for fifty times its time, at most `longestMs`; until then looks begin at what
 * was the lowest row, for as long as that is several times faster. What comes before it meanwhile (committed late,
 * cleared, raised in priority) is found by the next look from the head, so it waits for no longer than that. While looks
 * are short all of them begin at the head.
 */
export class LowWater<Mark> {
  readonly #looks = new Map<string, Look<Mark>>();
  readonly #longestMs: number;
  readonly #now: () => number;

  constructor({ longestMs, now = () => performance.now() }: LowWaterOptions) {
    this.#longestMs = longestMs;
    this.#now = now;
  }

  /**
   * Looks into a queue.
   *
   * @param find reads from a mark on, or from the head
   * @param markOf the lowest that was found; of nothing, what was the highest that was known before
   */
  async look<Found>(
    queue: string,
    find: (from: Mark | undefined) => Promise<Found>,
    markOf: (found: Found, known: Mark | undefined) => Mark | undefined,
  ): Promise<Found> {
    const at = this.#now();
    const known = this.#looks.get(queue);
    const isMarked = known?.until !== undefined && at < known.until;
    const found = await find(isMarked ? known.mark : undefined);
    const tookMs = this.#now() - at;
    const mark = markOf(found, known?.mark);
    const isWorthIt = isMarked ? tookMs * gain < known.headMs : tookMs > cheapMs;
    if (mark === undefined || !isWorthIt) this.#looks.delete(queue);
    else if (isMarked) this.#looks.set(queue, { ...known, mark });
    else {
      const until = known && at + Math.min(this.#longestMs, worth * tookMs);
      this.#looks.set(queue, { mark, headMs: tookMs, until });
    }
    return found;
  }
}
