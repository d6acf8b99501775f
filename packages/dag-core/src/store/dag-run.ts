import type { Queryable, Transaction } from "./database.ts";
import type {
  DagRunFactsRow,
  DagRunLockRow,
  LeasedRow,
  TaskInputRow,
  TaskInstanceRow,
} from "./rows.ts";
import { loadQueries } from "./sql.ts";
import { staleIfNotWhole } from "./stale-run.ts";

const runs = loadQueries(
  "dag_run",
  "DagRunLock",
  "DagRunFacts",
  "DagRunToDecide",
  "DagRunQueuedGroups",
  "DagRunQueuedLock",
  "DagRunPlaces",
  "DagRunBegin",
  "DagRunStart",
  "DagRunOfLostProcesses",
  "DagRunOfProcess",
  "DagRunBackfillLock",
  "DagRunBackfillEnd",
);
const instances = loadQueries("task_instance", "TaskInstanceOfRuns", "TaskInstanceInputs");

/** The runs of a DAG that no backfill made, or those of one of its backfills. */
export interface RunGroup {
  readonly dag_id: string;
  readonly backfill_id: string | null;
}

export interface QueuedGroupRow extends RunGroup {
  /** Whether there are processes that start no runs, and wait for tasks of those that others start. */
  readonly has_workers: boolean;
}

type RunIds = readonly string[];
const ids = (rows: readonly { readonly dag_run_id: string }[]) => rows.map((r) => r.dag_run_id);

export function dagRunLock(
  tx: Queryable,
  dagRunIds: RunIds,
  processId?: string,
): Promise<DagRunLockRow[]> {
  return tx.many(runs.DagRunLock, { dag_run_ids: dagRunIds, process_id: processId ?? null });
}

/** Where a queued run stands in the order of its DAG or backfill. */
export interface QueuedKey {
  readonly dag_run_id: string;
  readonly ordinal: number;
  readonly run_after: Date;
}

export interface QueuedRunRow extends DagRunFactsRow, QueuedKey {
  readonly changed: string;
  /** Whether it has no task instances yet. */
  readonly is_new: boolean;
  /** Whether its start is more than its own affair, or not its first. */
  readonly is_special: boolean;
}

const columnsOf = (groups: readonly RunGroup[]) => ({
  dag_ids: groups.map((group) => group.dag_id),
  backfill_ids: groups.map((group) => group.backfill_id),
});

/**
 * Locks queued runs that may start, those that nobody else holds.
 *
 * @param maxRuns of each group
 * @param froms from where to look in each group; undefined: from the head
 * @returns the runs of each group
 */
export async function dagRunQueuedLock(
  tx: Queryable,
  groups: readonly RunGroup[],
  maxRuns: number,
  froms: readonly (QueuedKey | undefined)[],
): Promise<readonly (readonly QueuedRunRow[])[]> {
  const rows = await tx.many<QueuedRunRow & { readonly position: number }>(runs.DagRunQueuedLock, {
    ...columnsOf(groups),
    max_runs: maxRuns,
    from_ordinals: froms.map((from) => from?.ordinal ?? null),
    from_run_afters: froms.map((from) => from?.run_after ?? null),
    from_dag_run_ids: froms.map((from) => from?.dag_run_id ?? null),
  });
  const found = Map.groupBy(rows, (row) => row.position);
  return groups.map((_group, index) => found.get(index + 1) ?? []);
}

export function dagRunFacts(tx: Queryable, dagRunIds: RunIds): Promise<DagRunFactsRow[]> {
  return tx.many(runs.DagRunFacts, { dag_run_ids: dagRunIds });
}

export async function dagRunToDecide(
  tx: Queryable,
  maxRuns: number,
  besides: RunIds,
): Promise<string[]> {
  return ids(await tx.many(runs.DagRunToDecide, { max_runs: maxRuns, besides }));
}

export function dagRunQueuedGroups(tx: Queryable): Promise<QueuedGroupRow[]> {
  return tx.many(runs.DagRunQueuedGroups);
}

export interface PlacesRow {
  readonly dag_id: string;
  readonly running: number;
  /** None of those that run, nor any that starts later, has a lower slot number. */
  readonly low_slot: string;
  readonly now: Date;
  readonly is_paused: boolean;
  readonly may_start: boolean;
  readonly is_capped: boolean;
  readonly instance_ids: readonly string[];
}

export interface PlacesWanted extends RunGroup {
  /** Runs that may hold a slot at once. */
  readonly capacity: number;
  readonly maxRuns: number;
  /** Ids of task instances that each run takes. */
  readonly tasks: number;
}

/**
 * Places of groups, under the locks of their limits.
 *
 * @param fromSlots of each group a `low_slot` that was read before; undefined: counts all
 */
export function dagRunPlaces(
  tx: Queryable,
  groups: readonly PlacesWanted[],
  fromSlots: readonly (string | undefined)[],
  processId: string | undefined,
): Promise<PlacesRow[]> {
  return tx.many(runs.DagRunPlaces, {
    ...columnsOf(groups),
    process_id: processId ?? null,
    capacities: groups.map((group) => group.capacity),
    max_runs: groups.map((group) => group.maxRuns),
    tasks: groups.map((group) => group.tasks),
    from_slots: fromSlots.map((slot) => slot ?? null),
  });
}

/** Rows of runs that begin, in the words of their tables. */
export interface BeginRows {
  readonly runs: readonly object[];
  readonly instances: readonly object[];
  readonly ready: readonly object[];
}

/**
 * Starts runs, and commits.
 *
 * @throws StaleRunError when one of them was not as its lock said; nothing is written
 */
export async function dagRunBegin(tx: Transaction, rows: BeginRows, now: Date): Promise<void> {
  await tx
    .last(runs.DagRunBegin, {
      runs: JSON.stringify(rows.runs),
      run_count: rows.runs.length,
      instances: JSON.stringify(rows.instances),
      ready: JSON.stringify(rows.ready),
      now,
    })
    .catch(staleIfNotWhole("A queued run was not as its lock said"));
}

export async function dagRunStart(tx: Queryable, dagRunIds: RunIds): Promise<string[]> {
  return ids(await tx.many(runs.DagRunStart, { dag_run_ids: dagRunIds }));
}

export function dagRunOfLostProcesses(tx: Queryable): Promise<LeasedRow[]> {
  return tx.many(runs.DagRunOfLostProcesses);
}

export function dagRunOfProcess(
  tx: Queryable,
  processId: string,
): Promise<(LeasedRow & { readonly is_old: boolean })[]> {
  return tx.many(runs.DagRunOfProcess, { process_id: processId });
}

export interface BackfillEndRow {
  readonly backfill_id: string;
  readonly dag_id: string;
  readonly state: string;
}

export interface LockedBackfillRow {
  readonly backfill_id: string;
  readonly state: string;
}

export function dagRunBackfillLock(
  tx: Queryable,
  backfillIds: readonly string[],
): Promise<LockedBackfillRow[]> {
  return tx.many(runs.DagRunBackfillLock, { backfill_ids: backfillIds });
}

/** Ends backfills whose last run has ended; under their locks, so that of two last runs one sees both ended. */
export async function dagRunBackfillEnd(
  tx: Queryable,
  backfillIds: readonly string[],
): Promise<BackfillEndRow[]> {
  await dagRunBackfillLock(tx, backfillIds);
  return tx.many(runs.DagRunBackfillEnd, { backfill_ids: backfillIds });
}

export function taskInstanceOfRuns(tx: Queryable, dagRunIds: RunIds): Promise<TaskInstanceRow[]> {
  return tx.many(instances.TaskInstanceOfRuns, { dag_run_ids: dagRunIds });
}

export function taskInstanceInputs(
  tx: Queryable,
  dagRunIds: RunIds,
  taskIds: readonly string[],
): Promise<TaskInputRow[]> {
  return tx.many(instances.TaskInstanceInputs, { dag_run_ids: dagRunIds, task_ids: taskIds });
}
