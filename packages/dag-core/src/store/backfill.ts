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
  "BackfillUnfinished",
  "BackfillStored",
  "BackfillSetState",
  "BackfillRunsInState",
  "BackfillCancelling",
  "BackfillRunCancel",
  "BackfillList",
  "BackfillFailures",
);
const locks = loadQueries("client", "BackfillLock", "BackfillFacts");

export type BackfillState =
  "creating" | "running" | "paused" | "cancelling" | "success" | "failed" | "cancelled";

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

export interface StoredRow {
  readonly interval_start: Date;
  readonly action: "create" | "clear" | "skip";
}

export function backfillStored(tx: Queryable, backfillId: string): Promise<StoredRow[]> {
  return tx.many(q.BackfillStored, { backfill_id: backfillId });
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

export interface BackfillRequestRow extends Range {
  readonly dagId: string;
  readonly reprocess: string;
  readonly runBackwards: boolean;
  readonly maxActiveRuns: number;
  readonly batchSize: number;
  readonly params: JsonValue;
}

export interface BackfillInsertOptions extends BackfillRequestRow {
  readonly state: "creating" | "running";
  readonly planHash: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const requestParameters = (options: BackfillRequestRow) => ({
  dag_id: options.dagId,
  from_date: options.from,
  to_date: options.to,
  reprocess: options.reprocess,
  run_backwards: options.runBackwards,
  max_active_runs: options.maxActiveRuns,
  batch_size: options.batchSize,
  params: JSON.stringify(options.params),
});

export async function backfillInsert(
  tx: Queryable,
  options: BackfillInsertOptions,
): Promise<string> {
  const row = await tx.one<{ backfill_id: string }>(q.BackfillInsert, {
    ...requestParameters(options),
    state: options.state,
    plan_hash: options.planHash,
    created_by: options.createdBy,
    created_at: options.createdAt,
  });
  if (!row) throw new Error("The backfill could not be stored");
  return row.backfill_id;
}

export interface BackfillUnfinishedRow {
  readonly backfill_id: string;
  /** The instant for which it was planned. */
  readonly created_at: Date;
  readonly plan_hash: string;
  /** Entries of its plan that are stored. */
  readonly stored: number;
}

/** A backfill that was asked for in the same words and whose creation was cut off. */
export function backfillUnfinished(
  tx: Queryable,
  request: BackfillRequestRow,
): Promise<BackfillUnfinishedRow | undefined> {
  return tx.one(q.BackfillUnfinished, requestParameters(request));
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

export interface BackfillRunRow {
  readonly dag_run_id: string;
  readonly run_id: string;
}

export function backfillRunsInState(
  tx: Queryable,
  backfillId: string,
  state: "queued" | "running",
  maxRuns: number,
): Promise<BackfillRunRow[]> {
  return tx.many(q.BackfillRunsInState, { backfill_id: backfillId, state, max_runs: maxRuns });
}

export function backfillsCancelling(
  tx: Queryable,
): Promise<{ readonly backfill_id: string; readonly dag_id: string }[]> {
  return tx.many(q.BackfillCancelling);
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
  readonly batch_size: number;
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
  /** Of the last ten minutes; null for one that has ended. */
  readonly runs_per_second: number | null;
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

export interface BackfillFailureRow {
  readonly run_id: string;
  readonly logical_date: Date | null;
  readonly reason: string | null;
  readonly ended_at: Date;
}

export function backfillFailures(
  tx: Queryable,
  backfillId: string,
  maxRows: number,
): Promise<BackfillFailureRow[]> {
  return tx.many(q.BackfillFailures, { backfill_id: backfillId, max_rows: maxRows });
}
