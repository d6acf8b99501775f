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
   * Looks into queues, in one go.
   *
   * @param find reads each from a mark on, or from the head
   * @param markOf the lowest that was found in one; of nothing, what was the highest that was known before
   * @param before a statement sent ahead on the same connection: the look begins when that has ended
   */
  async look<Found>(
    queues: readonly string[],
    find: (from: readonly (Mark | undefined)[]) => Promise<readonly Found[]>,
    markOf: (found: Found, known: Mark | undefined) => Mark | undefined,
    before?: Promise<unknown>,
  ): Promise<readonly Found[]> {
    const at = this.#now();
    const known = queues.map((queue) => this.#looks.get(queue));
    const marked = known.map((look) => (isMarked(look, at) ? look : undefined));
    const finding = find(marked.map((look) => look?.mark));
    const began = before?.then(() => this.#now()) ?? at;
    const [beganAt, found] = await Promise.all([began, finding]);
    const tookMs = (this.#now() - beganAt) / queues.length;
    for (const [index, one] of found.entries()) {
      const [queue = "", last] = [queues[index], known[index]];
      const look = this.#next(last, { at, tookMs, mark: markOf(one, last?.mark) });
      if (look) this.#looks.set(queue, look);
      else this.#looks.delete(queue);
    }
    return found;
  }

  /** What is kept of a look that took some time. */
  #next(
    known: Look<Mark> | undefined,
    { at, tookMs, mark }: { at: number; tookMs: number; mark: Mark | undefined },
  ): Look<Mark> | undefined {
    if (mark === undefined) return undefined;
    if (known && isMarked(known, at)) {
      return tookMs * gain < known.headMs ? { ...known, mark } : undefined;
    }
    const until = known && at + Math.min(this.#longestMs, worth * tookMs);
    return tookMs > cheapMs ? { mark, headMs: tookMs, until } : undefined;
  }
}

/** Whether a look at a time may be begun at the mark. */
const isMarked = (look: Look<unknown> | undefined, at: number): boolean =>
  look?.until !== undefined && at < look.until;
