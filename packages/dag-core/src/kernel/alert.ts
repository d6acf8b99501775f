/** What people can be told of. */
export const alertKinds = [
  "task_instance.failed",
  "task_instance.retry_scheduled",
  "dag_run.failed",
  "dag_run.succeeded",
  /** A run succeeded after failures that were told. */
  "dag_run.recovered",
  /** A run had not ended at its deadline. */
  "dag_run.late",
  "dag.interval_missed",
  "backfill.completed",
  "scheduler.lagging",
  "process.lost",
  "alert.test",
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** The facts of an alert, as the transition that caused it stores them: redacted, times as ISO texts. */
export interface AlertPayload {
  /** Empty for what is about the installation. */
  readonly dagId: string;
  /** Empty for what is about no run. */
  readonly runId: string;
  readonly taskId?: string | undefined;
  /** -1, or absent, for a task that is not mapped. */
  readonly mapIndex?: number | undefined;
  readonly tryNumber?: number | undefined;
  readonly maxTries?: number | undefined;
  readonly reason: string;
  readonly error?:
    | { readonly class: string; readonly message: string; readonly stack?: string | undefined }
    | undefined;
  readonly dataInterval?: { readonly start: string; readonly end: string } | undefined;
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  /** How long it took; of a recovery, how long it was broken; of what is late, since when it was due. */
  readonly durationMs?: number | undefined;
  /** Of a recovery: failures before it. Of missed intervals: how many. Of a backfill: its runs. */
  readonly count?: number | undefined;
  /** The process or backfill that it is about. */
  readonly about?: string | undefined;
  /** IANA name; the zone of the DAG, in which its interval is shown. */
  readonly timezone: string;
}

/** Whether an alert tells of something broken, as one that is put right by a recovery. */
export const isFailure = (kind: AlertKind): boolean =>
  kind === "task_instance.failed" || kind === "dag_run.failed";

/** Whether an alert tells that what failed before is right again. */
export const isPutRight = (kind: AlertKind): boolean =>
  kind === "dag_run.succeeded" || kind === "dag_run.recovered";
