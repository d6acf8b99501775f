import { tidemillError } from "../kernel/errors.ts";
import { alertStatus, type AlertStatus } from "../store/alert-status.ts";
import { backfillFailures, backfillList, type BackfillRow } from "../store/backfill.ts";
import type { DagManifest } from "../definition/manifest.ts";
import { runFailures } from "../store/failure.ts";
import { poolList, type PoolUseRow } from "../store/pool.ts";
import {
  dagList,
  type DagListRow,
  importErrorList,
  type ImportErrorRow,
  runList,
  type RunListOptions,
  type RunRow,
  runShow,
  runTasks,
  type RunTaskRow,
  runTries,
  type RunTryRow,
} from "../store/read-model.ts";
import { camelRow, type CamelRow } from "./camel-row.ts";
import type { FailureItem } from "./failures.ts";
import { checkTaskOrThrow, findDagOrThrow, findRunOrThrow, type Scope } from "./scope.ts";

export type DagItem = CamelRow<DagListRow>;
export type ImportErrorItem = CamelRow<ImportErrorRow>;
export type RunItem = CamelRow<RunRow>;
export type TaskItem = CamelRow<RunTaskRow>;
export type TryItem = CamelRow<RunTryRow>;
export type PoolItem = CamelRow<PoolUseRow>;

export interface BackfillItem extends CamelRow<BackfillRow> {
  /** Runs of the backfill. */
  readonly runs: number;
  /** Share of them that has ended, 0 to 1. */
  readonly progress: number;
  /** Seconds that the rest takes, by the mean of the runs that have ended; null before there is one. */
  readonly secondsLeft: number | null;
}

export function listDags({ database }: Scope): Promise<DagItem[]> {
  return dagList(database).then((rows) => rows.map(camelRow));
}

/** @throws TidemillError `TIDEMILL_DAG_NOT_FOUND` */
export async function showDag(
  { database }: Scope,
  dagId: string,
): Promise<DagItem & { readonly manifest: DagManifest }> {
  const { manifest } = await findDagOrThrow(database, dagId);
  const [row] = await dagList(database, dagId);
  if (!row) throw tidemillError("TIDEMILL_DAG_NOT_FOUND", { dagId, known: [] });
  return { ...camelRow(row), manifest };
}

export async function listImportErrors({ database }: Scope): Promise<ImportErrorItem[]> {
  return (await importErrorList(database)).map(camelRow);
}

/** @throws TidemillError `TIDEMILL_DAG_NOT_FOUND` */
export async function listRuns(
  { database }: Scope,
  options: RunListOptions = {},
): Promise<RunItem[]> {
  const rows = await runList(database, options);
  if (rows.length === 0 && options.dagId !== undefined)
    await findDagOrThrow(database, options.dagId);
  return rows.map(camelRow);
}

export interface RunDetails extends RunItem {
  readonly tasks: readonly TaskItem[];
  /** The first 100 of its tasks that failed, each with its last error. */
  readonly failures: readonly FailureItem[];
}

/** @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_RUN_NOT_FOUND` */
export async function showRun(
  { database }: Scope,
  dagId: string,
  runId: string,
): Promise<RunDetails> {
  const { dag_run_id: id, manifest } = await findRunOrThrow(database, dagId, runId);
  const row = await runShow(database, dagId, runId);
  if (!row) throw tidemillError("TIDEMILL_RUN_NOT_FOUND", { dagId, runId, known: [] });
  const { dagRunId: _number, ...run } = camelRow(row);
  const tasks = inOrderOf(manifest, (await runTasks(database, id)).map(camelRow));
  const hasFailures = tasks.some((task) => task.state === "failed");
  const failures = hasFailures ? (await runFailures(database, id)).map(camelRow) : [];
  return { ...run, tasks, failures };
}

/** As the graph goes on, mapped instances by their index; the tasks of a manifest are in topological order. */
function inOrderOf(manifest: DagManifest, tasks: readonly TaskItem[]): readonly TaskItem[] {
  const places = new Map(manifest.tasks.map(({ taskId }, place) => [taskId, place]));
  const placeOf = ({ taskId }: TaskItem) => places.get(taskId) ?? places.size;
  return tasks.toSorted((a, b) => placeOf(a) - placeOf(b) || a.mapIndex - b.mapIndex);
}

/** The tries of a run or of one of its tasks, oldest first. */
export async function listTries(
  { database }: Scope,
  dagId: string,
  runId: string,
  taskId?: string,
): Promise<TryItem[]> {
  const run = await findRunOrThrow(database, dagId, runId);
  if (taskId !== undefined) checkTaskOrThrow(run.manifest, taskId);
  return (await runTries(database, run.dag_run_id, taskId)).map(camelRow);
}

export async function listPools({ database }: Scope): Promise<PoolItem[]> {
  return (await poolList(database)).map(camelRow);
}

/** @throws TidemillError `TIDEMILL_DAG_NOT_FOUND` */
export async function listBackfills({ database }: Scope, dagId?: string): Promise<BackfillItem[]> {
  if (dagId !== undefined) await findDagOrThrow(database, dagId);
  return (await backfillList(database, { dagId })).map(backfillItem);
}

export interface BackfillFailure {
  readonly runId: string;
  readonly logicalDate: Date | null;
  readonly reason: string | null;
  readonly endedAt: Date;
}

export interface BackfillDetails extends BackfillItem {
  /** The last 20 of its runs that failed, newest first. */
  readonly failures: readonly BackfillFailure[];
}

/** @throws TidemillError `TIDEMILL_BACKFILL_NOT_FOUND` */
export async function showBackfill(
  { database }: Scope,
  backfillId: string,
): Promise<BackfillDetails> {
  const isId = /^\d{1,18}$/.test(backfillId);
  const [row] = isId ? await backfillList(database, { backfillId }) : [];
  if (!row) throw tidemillError("TIDEMILL_BACKFILL_NOT_FOUND", { backfillId });
  const failures = row.failed > 0 ? await backfillFailures(database, backfillId, 20) : [];
  return { ...backfillItem(row), failures: failures.map(camelRow) };
}

function backfillItem(row: BackfillRow): BackfillItem {
  const ended = row.success + row.failed + row.cancelled;
  const open = row.queued + row.running;
  const rate = row.runs_per_second ?? 0;
  const runs = ended + open;
  const secondsLeft = rate > 0 ? open / rate : null;
  return { ...camelRow(row), runs, progress: runs === 0 ? 1 : ended / runs, secondsLeft };
}

/** How many alerts are on their way, by channel and state. */
export function alertsStatus({ database }: Scope): Promise<readonly AlertStatus[]> {
  return alertStatus(database);
}
