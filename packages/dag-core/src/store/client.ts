import type { DagManifest } from "../definition/manifest.ts";
import type { DagRunState, RunType, TaskInstanceState } from "../definition/states.ts";
import type { Database, Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "client",
  "DagLock",
  "DagFacts",
  "DagIds",
  "DagPause",
  "RunFind",
  "RunIdsNear",
  "RunIdsBetween",
  "RunFacts",
  "TaskInstanceStates",
  "TaskInstanceAbort",
  "TaskInstanceRelease",
  "TaskInstanceEnd",
  "TaskInstanceClear",
  "TaskInstanceCollapse",
  "RunTouch",
  "RunRepin",
  "RunRequeue",
  "RunCancel",
  "RunEnd",
  "RunStop",
  "RunIntervalOfRun",
  "WakeUp",
);

export interface DagFactsRow {
  readonly dag_id: string;
  readonly dag_version_id: string;
  readonly is_paused: boolean;
  readonly file: string;
  readonly manifest_hash: string;
  readonly manifest: DagManifest;
  readonly now: Date;
}

export interface RunFactsRow {
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly run_type: RunType;
  readonly state: DagRunState;
  readonly verdict: "failed" | "cancelled" | null;
  readonly reason: string | null;
  readonly logical_date: Date | null;
  readonly data_interval_start: Date;
  readonly data_interval_end: Date;
  /** Bounds of the intervals of a run that covers several. */
  readonly interval_bounds: readonly Date[] | null;
  readonly run_after: Date;
  readonly backfill_id: string | null;
  readonly clear_number: number;
  readonly manifest: DagManifest;
}

export interface InstanceStateRow {
  readonly task_instance_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly state: TaskInstanceState;
  readonly try_number: number;
}

type Ids = readonly string[];

/** @returns whether there is such a DAG; its row is locked then */
export async function dagLock(tx: Queryable, dagId: string): Promise<boolean> {
  return (await tx.one(q.DagLock, { dag_id: dagId })) !== undefined;
}

export function dagFacts(tx: Queryable, dagId: string): Promise<DagFactsRow | undefined> {
  return tx.one(q.DagFacts, { dag_id: dagId });
}

export async function dagIds(tx: Queryable): Promise<string[]> {
  return (await tx.many<{ dag_id: string }>(q.DagIds)).map((row) => row.dag_id);
}

/** @returns false if the DAG was like that already */
export async function dagPause(tx: Queryable, dagId: string, isPaused: boolean): Promise<boolean> {
  return (await tx.one(q.DagPause, { dag_id: dagId, is_paused: isPaused })) !== undefined;
}

export async function runFind(
  tx: Queryable,
  dagId: string,
  runId: string,
): Promise<string | undefined> {
  const found = { dag_id: dagId, run_id: runId };
  return (await tx.one<{ dag_run_id: string }>(q.RunFind, found))?.dag_run_id;
}

export async function runIdsNear(tx: Queryable, dagId: string): Promise<string[]> {
  const rows = await tx.many<{ run_id: string }>(q.RunIdsNear, { dag_id: dagId });
  return rows.map((row) => row.run_id);
}

export async function runIdsBetween(
  tx: Queryable,
  dagId: string,
  range: { readonly from: Date; readonly to: Date },
): Promise<string[]> {
  const span = { dag_id: dagId, from_date: range.from, to_date: range.to };
  return (await tx.many<{ run_id: string }>(q.RunIdsBetween, span)).map((row) => row.run_id);
}

export function runFacts(tx: Queryable, dagRunId: string): Promise<RunFactsRow | undefined> {
  return tx.one(q.RunFacts, { dag_run_id: dagRunId });
}

export function taskInstanceStates(tx: Queryable, dagRunId: string): Promise<InstanceStateRow[]> {
  return tx.many(q.TaskInstanceStates, { dag_run_id: dagRunId });
}

/** Writes the attempts that run now to the run log and takes away all that the instances hold. */
export async function taskInstanceStop(tx: Queryable, ids: Ids): Promise<void> {
  await tx.exec(q.TaskInstanceAbort, { task_instance_ids: ids });
  await tx.exec(q.TaskInstanceRelease, { task_instance_ids: ids });
}

export interface TaskInstanceEndOptions {
  readonly ids: Ids;
  readonly state: "success" | "failed" | "skipped" | "cancelled";
  /** Only from these states. */
  readonly from: readonly TaskInstanceState[];
}

/** @returns ids of those that were changed */
export async function taskInstanceEnd(
  tx: Queryable,
  { ids, state, from }: TaskInstanceEndOptions,
): Promise<string[]> {
  const change = { task_instance_ids: ids, state, from_states: from };
  const rows = await tx.many<{ task_instance_id: string }>(q.TaskInstanceEnd, change);
  return rows.map((row) => row.task_instance_id);
}

export async function taskInstanceClear(
  tx: Queryable,
  cleared: readonly { readonly id: string; readonly retries: number }[],
): Promise<void> {
  await tx.many(q.TaskInstanceClear, {
    task_instance_ids: cleared.map(({ id }) => id),
    retries: cleared.map(({ retries }) => retries),
  });
}

export async function taskInstanceCollapse(
  tx: Queryable,
  dagRunId: string,
  taskIds: Ids,
): Promise<void> {
  await tx.exec(q.TaskInstanceCollapse, { dag_run_id: dagRunId, task_ids: taskIds });
}

export async function runTouch(tx: Queryable, dagRunId: string): Promise<void> {
  await tx.exec(q.RunTouch, { dag_run_id: dagRunId });
}

/** Gives a run that has ended another version of its DAG. */
export async function runRepin(
  tx: Queryable,
  dagRunId: string,
  dagVersionId: string,
): Promise<void> {
  await tx.exec(q.RunRepin, { dag_run_id: dagRunId, dag_version_id: dagVersionId });
}

export async function runRequeue(
  tx: Queryable,
  dagRunId: string,
  keepsStart: boolean,
): Promise<void> {
  await tx.exec(q.RunRequeue, { dag_run_id: dagRunId, keeps_start: keepsStart });
}

export async function runCancel(tx: Queryable, dagRunId: string): Promise<void> {
  await tx.exec(q.RunCancel, { dag_run_id: dagRunId });
}

/** A running run ends so once its teardowns have run. */
export async function runStop(
  tx: Queryable,
  dagRunId: string,
  verdict: "failed" | "cancelled",
): Promise<void> {
  await tx.exec(q.RunStop, { dag_run_id: dagRunId, verdict });
}

export async function runEnd(
  tx: Queryable,
  dagRunId: string,
  state: "success" | "failed",
): Promise<void> {
  await tx.exec(q.RunEnd, { dag_run_id: dagRunId, state });
}

export async function runHasIntervals(tx: Queryable, dagRunId: string): Promise<boolean> {
  const row = await tx.one<{ intervals: number }>(q.RunIntervalOfRun, { dag_run_id: dagRunId });
  return (row?.intervals ?? 0) > 0;
}

export type WakeMessage = "" | "queued" | "cancel" | "pools";

/** Outside of the transaction that it tells of: a notification in it would hold up every other commit. */
export async function wakeUp(database: Queryable, message: WakeMessage): Promise<void> {
  await database.exec(q.WakeUp, { message });
}

/** A database that tells the processes after each statement, on the trip of that statement. */
export function tellingDatabase(database: Database, message: WakeMessage): Queryable {
  return database.followedBy(q.WakeUp, { message });
}
