/** Why an attempt is ended from outside its function. */
export interface Interruption {
  readonly why: "timeout" | "stopped" | "crash";
  /** The abort reason; for a crash, what escaped from the function's promise. */
  readonly error: unknown;
}

/** The handle by which an attempt is ended: its signal for the user, the interruption for the engine. */
export class AttemptControl {
  readonly #controller = new AbortController();
  readonly #interrupted = Promise.withResolvers<Interruption>();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Fulfilled with the first interruption; pending for ever if there is none. */
  get interrupted(): Promise<Interruption> {
    return this.#interrupted.promise;
  }

  /** The first call counts. */
  interrupt(interruption: Interruption): void {
    this.#interrupted.resolve(interruption);
    this.#controller.abort(interruption.error);
  }
}
