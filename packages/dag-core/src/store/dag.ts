import type { JsonValue } from "../kernel/json.ts";
import type { Queryable } from "./database.ts";
import type { DagVersionRow, DueDagRow } from "./rows.ts";
import { assetEventExpire } from "./asset.ts";
import { loadQueries } from "./sql.ts";
import { eventExpire } from "./wait.ts";

const q = loadQueries(
  "dag",
  "DagRegister",
  "DagForget",
  "ImportErrorReplace",
  "DagVersionOf",
  "DagLockDue",
  "DagCountActive",
  "DagScheduled",
  "DagMakeDue",
  "ScheduleGapInsert",
  "EventInsert",
  "PartitionEnsure",
  "RetentionDrop",
  "RetentionDeleteRuns",
  "RetentionDeleteBackfillRuns",
  "RetentionDeleteBackfills",
  "RetentionDeleteAlerts",
  "RetentionDeleteProcesses",
);

export interface DagRegisterOptions {
  readonly dags: readonly {
    readonly dag_id: string;
    readonly file: string;
    readonly hash: string;
    readonly manifest: object;
  }[];
  readonly pausedAtCreation: boolean;
}

export function dagRegister(
  tx: Queryable,
  { dags, pausedAtCreation }: DagRegisterOptions,
): Promise<{ readonly dag_id: string; readonly dag_version_id: string }[]> {
  return tx.many(q.DagRegister, {
    dags: JSON.stringify(dags),
    paused_at_creation: pausedAtCreation,
  });
}

export function dagForget(
  tx: Queryable,
  present: readonly string[],
  failedFiles: readonly string[],
): Promise<number> {
  return tx.exec(q.DagForget, { dag_ids: present, failed_files: failedFiles });
}

export function importErrorReplace(
  tx: Queryable,
  failures: readonly { readonly file: string; readonly message: string }[],
): Promise<number> {
  return tx.exec(q.ImportErrorReplace, {
    files: failures.map((failure) => failure.file),
    messages: failures.map((failure) => failure.message),
  });
}

export function dagVersionOf(tx: Queryable, ids: readonly string[]): Promise<DagVersionRow[]> {
  return tx.many(q.DagVersionOf, { dag_version_ids: ids });
}

export function dagLockDue(tx: Queryable, now: Date, maxDags: number): Promise<DueDagRow[]> {
  return tx.many(q.DagLockDue, { now, max_dags: maxDags });
}

/** Runs that have not ended, by DAG, but for those of backfills. */
export async function dagCountActive(
  tx: Queryable,
  dagIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.many<{ dag_id: string; active: number }>(q.DagCountActive, {
    dag_ids: dagIds,
  });
  return new Map(rows.map((row) => [row.dag_id, row.active]));
}

export interface DagScheduledOptions {
  readonly dagId: string;
  readonly lastInterval: { readonly start: Date; readonly end: Date } | undefined;
  readonly nextRunAfter: Date | undefined;
}

export function dagScheduled(
  tx: Queryable,
  schedules: readonly DagScheduledOptions[],
): Promise<number> {
  return tx.exec(q.DagScheduled, {
    dag_ids: schedules.map((one) => one.dagId),
    last_interval_starts: schedules.map((one) => one.lastInterval?.start ?? null),
    last_interval_ends: schedules.map((one) => one.lastInterval?.end ?? null),
    next_run_afters: schedules.map((one) => one.nextRunAfter ?? null),
  });
}

export function dagMakeDue(tx: Queryable, dagIds: readonly string[]): Promise<number> {
  return tx.exec(q.DagMakeDue, { dag_ids: dagIds });
}

export interface ScheduleGap {
  readonly dagId: string;
  readonly start: Date;
  readonly end: Date;
  readonly intervals: number;
}

export function scheduleGapInsert(tx: Queryable, gap: ScheduleGap): Promise<number> {
  return tx.exec(q.ScheduleGapInsert, {
    dag_id: gap.dagId,
    gap_start: gap.start,
    gap_end: gap.end,
    intervals: gap.intervals,
  });
}

export interface EventRow {
  readonly name: string;
  readonly actor: string;
  readonly dagId?: string | undefined;
  readonly dagRunId?: string | undefined;
  readonly taskInstanceId?: string | undefined;
  readonly details?: JsonValue;
}

export function eventInsert(tx: Queryable, event: EventRow): Promise<number> {
  return tx.exec(q.EventInsert, {
    name: event.name,
    actor: event.actor,
    dag_id: event.dagId ?? null,
    dag_run_id: event.dagRunId ?? null,
    task_instance_id: event.taskInstanceId ?? null,
    details: JSON.stringify(event.details ?? {}),
  });
}

export function partitionEnsure(
  tx: Queryable,
): Promise<{ readonly parent: string; readonly created: boolean }[]> {
  return tx.many(q.PartitionEnsure);
}

export interface RetentionOptions {
  readonly logDays: number;
  readonly eventDays: number;
  readonly runDays: number;
}

/** What one statement deletes at most, so that none holds its locks for long. */
const slice = { rows: 2_000, runs: 200 };
const mostOfOneKind = 1_000_000;

/**
 * Drops the monthly partitions that are past their time and deletes the runs, alerts and processes that are.
 *
 * @returns how many runs were deleted
 */
export async function retentionApply(tx: Queryable, options: RetentionOptions): Promise<number> {
  const { logDays: log_days, eventDays: event_days, runDays: run_days } = options;
  await tx.many(q.RetentionDrop, { log_days, event_days, run_days });
  await inSlices(() => tx.exec(q.RetentionDeleteAlerts, { event_days }));
  await tx.exec(q.RetentionDeleteProcesses, { run_days });
  await inSlices(() => eventExpire(tx));
  await inSlices(() => assetEventExpire(tx, run_days));
  // Fewer at once: all the tasks of a run go with it.
  const runs = await inSlices(() => tx.exec(q.RetentionDeleteRuns, { run_days }), slice.runs);
  await inSlices(() => tx.exec(q.RetentionDeleteBackfillRuns, { run_days }));
  await tx.exec(q.RetentionDeleteBackfills, { run_days });
  return runs;
}

async function inSlices(deleteSome: () => Promise<number>, size = slice.rows): Promise<number> {
  let total = 0;
  while (total < mostOfOneKind) {
    const deleted = await deleteSome();
    total += deleted;
    if (deleted < size) break;
  }
  return total;
}
