import { type BackfillPlan, planBackfill, type Reprocess } from "../backfill/plan.ts";
import type { DagManifest } from "../definition/manifest.ts";
import { tidemillError } from "../kernel/errors.ts";
import { backfillCovered, backfillStored, type CoveredRunRow } from "../store/backfill.ts";
import type { DagFactsRow } from "../store/client.ts";
import type { Queryable } from "../store/database.ts";
import { parseDate, parseDateInclusive } from "../timetable/parse-date.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";
import { findDagOrThrow, type Scope } from "./scope.ts";

export interface BackfillRequest {
  readonly dagId: string;
  /** First logical date, in the DAG's zone. */
  readonly from: string;
  /** Last logical date, included; a date without time of day means all of that day. */
  readonly to: string;
  /** Which runs that have ended are done again. Defaults to `none`. */
  readonly reprocess?: Reprocess | undefined;
  /** Newest first. Defaults to false. */
  readonly runBackwards?: boolean | undefined;
  /** Most contiguous intervals of one new run, up to the `backfill.maxBatch` of the DAG. Defaults to 1. */
  readonly batch?: number | undefined;
}

/** What a backfill would do; changes nothing. */
export async function planBackfillOf(
  scope: Scope,
  request: BackfillRequest,
): Promise<BackfillPlan> {
  const dag = await findDagOrThrow(scope.database, request.dagId);
  return planIn(scope.database, dag, request);
}

export interface Range {
  readonly from: Date;
  readonly to: Date;
}

export function rangeOf({ manifest }: DagFactsRow, { from, to }: BackfillRequest): Range {
  const { timezone } = manifest;
  return { from: parseDate(from, timezone), to: parseDateInclusive(to, timezone) };
}

/** @param unfinishedId a backfill whose creation was cut off: what it has made is planned once more */
export async function planIn(
  tx: Queryable,
  dag: DagFactsRow,
  request: BackfillRequest,
  unfinishedId?: string,
): Promise<BackfillPlan> {
  const { manifest, now } = dag;
  const timetable = timetableOf(manifest);
  const { from, to } = rangeOf(dag, request);
  const end = timetable.covering(to)?.end ?? to;
  const rows = await backfillCovered(tx, dag.dag_id, { start: from, end });
  const covered = unfinishedId === undefined ? rows : await beforeIt(tx, rows, unfinishedId);
  const plan = planBackfill({
    dagId: dag.dag_id,
    timetable,
    zone: manifest.timezone,
    from,
    to,
    now,
    reprocess: request.reprocess ?? "none",
    runBackwards: request.runBackwards ?? false,
    batch: request.batch ?? 1,
    covered: covered.map((row) => ({
      start: row.interval_start,
      end: row.interval_end,
      runId: row.run_id,
      dagRunId: row.dag_run_id,
      state: row.state,
    })),
  });
  checkPastOrThrow(manifest, request);
  checkBatchOrThrow(manifest, request);
  return plan;
}

/** What was covered before a backfill began: without the runs that it has made, and with those that it has cleared. */
async function beforeIt(
  tx: Queryable,
  covered: readonly CoveredRunRow[],
  backfillId: string,
): Promise<readonly CoveredRunRow[]> {
  const stored = await backfillStored(tx, backfillId);
  const actions = new Map(stored.map((row) => [row.interval_start.getTime(), row.action]));
  return covered.flatMap((row) => {
    const action = actions.get(row.interval_start.getTime());
    if (action === "create") return [];
    return [action === "clear" ? { ...row, state: "failed" as const } : row];
  });
}

/** Where tasks look back, a run that is left out or done in the wrong order would hold up those after it for ever. */
function checkPastOrThrow(
  { dagId, tasks }: DagManifest,
  { runBackwards = false, reprocess = "none" }: BackfillRequest,
): void {
  const task = tasks.find((one) => one.dependsOnPast);
  if (!task || (!runBackwards && reprocess !== "none")) return;
  const problem = `task "${task.taskId}" depends on its past, and the backfill would ${runBackwards ? "run backwards" : "leave out the runs that failed"}`;
  const remedy = runBackwards
    ? "leave out --run-backwards"
    : "add --reprocess-behavior failed, or completed to do every run of the range again";
  throw tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}

/** A run over several intervals is only for tasks that are written for it. */
function checkBatchOrThrow({ dagId, backfill }: DagManifest, { batch = 1 }: BackfillRequest): void {
  const most = backfill?.maxBatch ?? 1;
  const remedy = `write a whole number from 1 to ${most}`;
  const refuse = (problem: string, way = remedy) =>
    tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy: way });
  if (!Number.isInteger(batch) || batch < 1) throw refuse(`a batch cannot have ${batch} intervals`);
  if (batch === 1) return;
  if (!backfill) {
    throw refuse(
      "it does not say that a run may cover several intervals",
      "declare backfill: { maxBatch: 31 } in the DAG, or leave the batch out",
    );
  }
  if (batch > most) throw refuse(`it allows batches of ${most} intervals, not of ${batch}`);
}
