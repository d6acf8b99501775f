import type { DagRunState } from "../definition/states.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { Interval } from "../timetable/data-interval.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "backfill",
  "BackfillCovered",
  "BackfillOverlaps",
  "BackfillRunsBetween",
  "BackfillInsert",
  "BackfillRunInsert",
  "BackfillRunCreate",
  "BackfillRunClear",
  "BackfillSetState",
  "BackfillQueuedRuns",
  "BackfillRunCancel",
  "BackfillList",
);
const locks = loadQueries("client", "BackfillLock", "BackfillFacts");

export const backfillStates = ["running", "paused", "success", "failed", "cancelled"] as const;
export type BackfillState = (typeof backfillStates)[number];

interface Range {
  readonly from: Date;
  readonly to: Date;
}

export interface CoveredRunRow {
  readonly interval_start: Date;
  readonly interval_end: Date;
  readonly dag_run_id: string;
  readonly run_id: string;
  readonly state: DagRunState;
}

export function backfillCovered(
  tx: Queryable,
  dagId: string,
  { start, end }: Interval,
): Promise<CoveredRunRow[]> {
  return tx.many(q.BackfillCovered, { dag_id: dagId, span_start: start, span_end: end });
}

export interface BackfillRangeRow {
  readonly backfill_id: string;
  readonly from_date: Date;
  readonly to_date: Date;
}

export function backfillOverlaps(
  tx: Queryable,
  dagId: string,
  { from, to }: Range,
): Promise<BackfillRangeRow[]> {
  return tx.many(q.BackfillOverlaps, { dag_id: dagId, from_date: from, to_date: to });
}

export async function backfillRunsBetween(
  tx: Queryable,
  backfillId: string,
  { from, to }: Range,
): Promise<string[]> {
  const span = { backfill_id: backfillId, from_date: from, to_date: to };
  return (await tx.many<{ run_id: string }>(q.BackfillRunsBetween, span)).map((r) => r.run_id);
}

export interface BackfillInsertOptions extends Range {
  readonly dagId: string;
  readonly reprocess: string;
  readonly runBackwards: boolean;
  readonly maxActiveRuns: number;
  readonly params: JsonValue;
  readonly planHash: string;
  readonly createdBy: string;
}

export async function backfillInsert(
  tx: Queryable,
  options: BackfillInsertOptions,
): Promise<string> {
  const row = await tx.one<{ backfill_id: string }>(q.BackfillInsert, {
    dag_id: options.dagId,
    from_date: options.from,
    to_date: options.to,
    reprocess: options.reprocess,
    run_backwards: options.runBackwards,
    max_active_runs: options.maxActiveRuns,
    params: JSON.stringify(options.params),
    plan_hash: options.planHash,
    created_by: options.createdBy,
  });
  if (!row) throw new Error("The backfill could not be stored");
  return row.backfill_id;
}

export interface PlannedRun {
  readonly ordinal: number;
  readonly interval: Interval;
  readonly action: "create" | "clear" | "skip";
  readonly reason: string;
  readonly runId: string;
  readonly dagRunId?: string | undefined;
}

export async function backfillRunInsert(
  tx: Queryable,
  backfillId: string,
  planned: readonly PlannedRun[],
): Promise<void> {
  await tx.exec(q.BackfillRunInsert, {
    backfill_id: backfillId,
    ordinals: planned.map((run) => run.ordinal),
    starts: planned.map((run) => run.interval.start),
    ends: planned.map((run) => run.interval.end),
    actions: planned.map((run) => run.action),
    reasons: planned.map((run) => run.reason),
    dag_run_ids: planned.map((run) => run.dagRunId ?? null),
  });
}

export interface BackfillRunCreateOptions {
  readonly backfillId: string;
  readonly dagId: string;
  readonly dagVersionId: string;
  readonly triggeredBy: string;
  readonly params: JsonValue;
  readonly planned: readonly PlannedRun[];
}

/** Under the lock of the dag row. */
export async function backfillRunCreate(
  tx: Queryable,
  { planned, ...options }: BackfillRunCreateOptions,
): Promise<void> {
  await tx.exec(q.BackfillRunCreate, {
    backfill_id: options.backfillId,
    dag_id: options.dagId,
    dag_version_id: options.dagVersionId,
    triggered_by: options.triggeredBy,
    params: JSON.stringify(options.params),
    run_ids: planned.map((run) => run.runId),
    starts: planned.map((run) => run.interval.start),
    ends: planned.map((run) => run.interval.end),
    ordinals: planned.map((run) => run.ordinal),
  });
}

/** @returns how many runs were taken into the backfill */
export function backfillRunClear(
  tx: Queryable,
  backfillId: string,
  planned: readonly PlannedRun[],
  params: JsonValue | undefined,
): Promise<number> {
  return tx.exec(q.BackfillRunClear, {
    backfill_id: backfillId,
    dag_run_ids: planned.map((run) => run.dagRunId ?? null),
    ordinals: planned.map((run) => run.ordinal),
    params: params === undefined ? null : JSON.stringify(params),
  });
}

export async function backfillLock(tx: Queryable, backfillId: string): Promise<boolean> {
  return (await tx.one(locks.BackfillLock, { backfill_id: backfillId })) !== undefined;
}

export interface BackfillFactsRow extends BackfillRangeRow {
  readonly dag_id: string;
  readonly state: BackfillState;
}

export function backfillFacts(
  tx: Queryable,
  backfillId: string,
): Promise<BackfillFactsRow | undefined> {
  return tx.one(locks.BackfillFacts, { backfill_id: backfillId });
}

/** @returns whether the backfill was in one of the states that it may leave; its lock is held */
export async function backfillSetState(
  tx: Queryable,
  backfillId: string,
  state: BackfillState,
  from: readonly BackfillState[],
): Promise<boolean> {
  const change = { backfill_id: backfillId, state, from_states: from };
  return (await tx.one(q.BackfillSetState, change)) !== undefined;
}

export async function backfillQueuedRuns(
  tx: Queryable,
  backfillId: string,
  maxRuns: number,
): Promise<string[]> {
  const some = { backfill_id: backfillId, max_runs: maxRuns };
  const rows = await tx.many<{ dag_run_id: string }>(q.BackfillQueuedRuns, some);
  return rows.map((row) => row.dag_run_id);
}

/** @returns how many of the runs had not started */
export async function backfillRunCancel(
  tx: Queryable,
  dagRunIds: readonly string[],
): Promise<number> {
  const some = { dag_run_ids: dagRunIds };
  return (await tx.one<{ cancelled: number }>(q.BackfillRunCancel, some))?.cancelled ?? 0;
}

export interface BackfillRow extends BackfillRangeRow {
  readonly dag_id: string;
  readonly state: BackfillState;
  readonly reprocess: string;
  readonly run_backwards: boolean;
  readonly max_active_runs: number;
  readonly plan_hash: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly ended_at: Date | null;
  readonly queued: number;
  readonly running: number;
  readonly success: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly mean_seconds: number | null;
}

export interface BackfillListOptions {
  readonly dagId?: string | undefined;
  readonly backfillId?: string | undefined;
  readonly limit?: number | undefined;
}

export function backfillList(
  tx: Queryable,
  options: BackfillListOptions = {},
): Promise<BackfillRow[]> {
  return tx.many(q.BackfillList, {
    dag_id: options.dagId ?? null,
    backfill_id: options.backfillId ?? null,
    max_rows: options.limit ?? 100,
  });
}
