/** From how many results in a batch on they count as a stream, of which more are about to come. */
const streamSize = 8;
/** For how long a stream lasts after its last batch. */
const streamMs = 50;
/** For how long a result of a stream waits for those behind it. */
const gatherMs = 2;

/**
 * Tells when results come in a stream. Then one may wait for the next ones, since a transaction of many costs a part of
 * many transactions; a result that comes alone never waits.
 */
export class ResultStream {
  #lastAt = -Infinity;
  #lastSize = 0;
  #ended: (() => void) | undefined;

  /** A batch was taken. */
  took(size: number): void {
    this.#lastSize = size;
    this.#lastAt = performance.now();
  }

  /** Nothing more is on its way: whoever gathers need not wait. */
  dry(): void {
    this.#ended?.();
  }

  async gather(): Promise<void> {
    if (this.#lastSize < streamSize || performance.now() - this.#lastAt > streamMs) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs);
      this.#ended = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#ended = undefined;
  }
}
