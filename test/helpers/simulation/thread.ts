/** Ends the work of a process that is killed. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/**
 * Work of a simulated process that goes on only when it is its turn. In memory nothing takes time, so it stands still
 * again, or is done, before anybody else goes on: the order of turns is the order of all that happens.
 */
export class Thread {
  #go: (() => void) | undefined;
  #still: (() => void) | undefined;
  #isBusy = false;
  #failure: unknown;

  /** Whether it has begun something and waits for its turn. */
  get isParked(): boolean {
    return this.#go !== undefined;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Waits for the turn; called from within the work. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#go = resolve;
      this.#still?.();
    });
  }

  /** Begins something; resolves when it waits for its turn or is done. @throws what the work throws */
  async start(work: () => Promise<void>): Promise<void> {
    this.#isBusy = true;
    await this.#untilStill(() => {
      work()
        .catch((error: unknown) => {
          if (!(error instanceof Killed)) this.#failure = error;
        })
        .finally(() => {
          this.#isBusy = false;
          this.#still?.();
        });
    });
  }

  async resume(): Promise<void> {
    await this.#untilStill(() => {
      const go = this.#go;
      this.#go = undefined;
      go?.();
    });
  }

  async #untilStill(go: () => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#still = resolve;
    go();
    await promise;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}
