import type { Duration } from "./duration.ts";

/** Thrown by a task: end it as `skipped`. */
export class SkipTask extends Error {
  override readonly name = "SkipTask";
}

/** Thrown by a task: end it as `failed` now, whatever retries are left. */
export class FailTask extends Error {
  override readonly name = "FailTask";
}

export interface RetryTaskOptions extends ErrorOptions {
  /** How long to wait before the next try. Defaults to the task's own retry delay. */
  readonly after?: Duration;
}

/** Thrown by a task: try again, after a delay of the task's choice, as long as tries are left. */
export class RetryTask extends Error {
  override readonly name = "RetryTask";
  readonly after: Duration | undefined;

  constructor(reason: string, options: RetryTaskOptions = {}) {
    super(reason, options);
    this.after = options.after;
  }
}
