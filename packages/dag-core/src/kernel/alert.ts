/** What people can be told of. */
export const alertKinds = [
  "task_instance.failed",
  "task_instance.retry_scheduled",
  "dag_run.failed",
  "dag_run.succeeded",
  "alert.test",
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** The facts of an alert, as the transition that caused it stores them: redacted, times as ISO texts. */
export interface AlertPayload {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId?: string | undefined;
  /** -1, or absent, for a task that is not mapped. */
  readonly mapIndex?: number | undefined;
  readonly tryNumber?: number | undefined;
  readonly maxTries?: number | undefined;
  readonly reason: string;
  readonly error?: { readonly class: string; readonly message: string } | undefined;
  readonly dataInterval?: { readonly start: string; readonly end: string } | undefined;
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  readonly durationMs?: number | undefined;
  /** IANA name; the zone of the DAG, in which its interval is shown. */
  readonly timezone: string;
}
