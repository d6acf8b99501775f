import { type BackfillPlan, planBackfill, type Reprocess } from "../backfill/plan.ts";
import type { DagManifest } from "../definition/manifest.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import {
  backfillCovered,
  backfillInsert,
  backfillOverlaps,
  backfillRunClear,
  backfillRunCreate,
  backfillRunInsert,
  backfillRunsBetween,
  type PlannedRun,
} from "../store/backfill.ts";
import type { DagFactsRow } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import { dagRunLock } from "../store/dag-run.ts";
import type { Queryable, Transaction } from "../store/database.ts";
import { limitLock } from "../store/limit.ts";
import { parseDate, parseDateInclusive } from "../timetable/parse-date.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";
import { checkedParamsOrThrow } from "./check-params.ts";
import { type ChangeOptions, findDagOrThrow, lockDagOrThrow, notify, type Scope } from "./scope.ts";

export const defaultBackfillRuns = 10;

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
}

export interface CreateBackfillOptions extends BackfillRequest, ChangeOptions {
  /** Runs of this backfill at once, apart from the DAG's own. Defaults to 10. */
  readonly maxActiveRuns?: number | undefined;
  /** Of the runs that are created, and of those done again if given. */
  readonly params?: JsonValue | undefined;
  /** Hash of the plan that was agreed to; another one is refused. */
  readonly planHash?: string | undefined;
}

export interface BackfillCreated {
  readonly backfillId: string;
  readonly plan: BackfillPlan;
}

/** What a backfill would do; changes nothing. */
export async function planBackfillOf(
  scope: Scope,
  request: BackfillRequest,
): Promise<BackfillPlan> {
  const dag = await findDagOrThrow(scope.database, request.dagId);
  return planIn(scope.database, dag, request);
}

interface Range {
  readonly from: Date;
  readonly to: Date;
}

function rangeOf({ manifest }: DagFactsRow, { from, to }: BackfillRequest): Range {
  const { timezone } = manifest;
  return { from: parseDate(from, timezone), to: parseDateInclusive(to, timezone) };
}

async function planIn(
  tx: Queryable,
  dag: DagFactsRow,
  request: BackfillRequest,
): Promise<BackfillPlan> {
  const { manifest, now } = dag;
  checkPastOrThrow(manifest, request);
  const timetable = timetableOf(manifest);
  const { from, to } = rangeOf(dag, request);
  const end = timetable.covering(to)?.end ?? to;
  const covered = await backfillCovered(tx, dag.dag_id, { start: from, end });
  return planBackfill({
    dagId: dag.dag_id,
    timetable,
    zone: manifest.timezone,
    from,
    to,
    now,
    reprocess: request.reprocess ?? "none",
    runBackwards: request.runBackwards ?? false,
    covered: covered.map((row) => ({
      start: row.interval_start,
      end: row.interval_end,
      runId: row.run_id,
      dagRunId: row.dag_run_id,
      state: row.state,
    })),
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
  const remedy = runBackwards ? "leave the order as it is" : "reprocess failed or completed runs";
  throw tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}

/** Makes the runs of a plan, all in one transaction, so that what was planned is what is made. */
export async function createBackfill(
  scope: Scope,
  options: CreateBackfillOptions,
): Promise<BackfillCreated> {
  checkMaxActiveRunsOrThrow(options.dagId, options.maxActiveRuns);
  const created = await scope.database.transaction((tx) => createIn(tx, scope, options));
  await notify(scope, "");
  return created;
}

function checkMaxActiveRunsOrThrow(dagId: string, runs = defaultBackfillRuns): void {
  if (Number.isInteger(runs) && runs >= 1 && runs <= 10_000) return;
  const problem = `it would have ${runs} runs at once`;
  const remedy = "write a whole number from 1 to 10000";
  throw tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}

async function createIn(
  tx: Transaction,
  scope: Scope,
  options: CreateBackfillOptions,
): Promise<BackfillCreated> {
  const dag = await lockDagOrThrow(tx, options.dagId);
  const params = checkedParamsOrThrow(dag.manifest, options.params);
  const plan = await planIn(tx, dag, options);
  await refuseOverlap(tx, dag, options);
  checkPlanOrThrow(plan, options);
  const planned = plan.entries.map((entry, index) => ({ ...entry, ordinal: index + 1 }));
  const cleared = planned.filter((run) => run.action === "clear");
  await dagRunLock(tx, lockOrder(cleared));
  const backfillId = await insert(tx, scope, dag, { ...options, params }, plan);
  await backfillRunInsert(tx, backfillId, planned);
  await backfillRunCreate(tx, {
    backfillId,
    dagId: dag.dag_id,
    dagVersionId: dag.dag_version_id,
    triggeredBy: scope.actor,
    params,
    planned: planned.filter((run) => run.action === "create"),
  });
  await backfillRunClear(tx, backfillId, cleared, options.params);
  return { backfillId, plan };
}

const lockOrder = (runs: readonly PlannedRun[]): string[] =>
  runs.flatMap((run) => run.dagRunId ?? []);

async function insert(
  tx: Transaction,
  { actor }: Scope,
  dag: DagFactsRow,
  options: CreateBackfillOptions & { readonly params: JsonValue },
  { hash, counts }: BackfillPlan,
): Promise<string> {
  const { dag_id: dagId } = dag;
  const maxActiveRuns = options.maxActiveRuns ?? defaultBackfillRuns;
  const backfillId = await backfillInsert(tx, {
    ...rangeOf(dag, options),
    dagId,
    reprocess: options.reprocess ?? "none",
    runBackwards: options.runBackwards ?? false,
    maxActiveRuns,
    params: options.params,
    planHash: hash,
    createdBy: actor,
  });
  await limitLock(tx, [{ kind: "backfill_runs", name: backfillId, capacity: maxActiveRuns }]);
  const details = { backfillId, ...counts, hash, why: options.why };
  await eventInsert(tx, { name: "backfill.planned", actor, dagId, details });
  return backfillId;
}

async function refuseOverlap(
  tx: Transaction,
  dag: DagFactsRow,
  options: BackfillRequest,
): Promise<void> {
  const range = rangeOf(dag, options);
  const [other] = await backfillOverlaps(tx, dag.dag_id, range);
  if (!other) return;
  throw tidemillError("TIDEMILL_BACKFILL_OVERLAP", {
    dagId: dag.dag_id,
    from: options.from,
    to: options.to,
    backfillId: other.backfill_id,
    runs: await backfillRunsBetween(tx, other.backfill_id, range),
  });
}

function checkPlanOrThrow(plan: BackfillPlan, options: CreateBackfillOptions): void {
  const { dagId, from, to, planHash } = options;
  if (plan.counts.create + plan.counts.clear === 0) {
    throw tidemillError("TIDEMILL_BACKFILL_EMPTY", { dagId, from, to });
  }
  if (planHash === undefined || planHash === plan.hash) return;
  const problem = `its plan is ${plan.hash} now, not ${planHash}`;
  const remedy = "plan it again and look at what has changed";
  throw tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}
