import type { DagManifest } from "../definition/manifest.ts";
import { toError } from "../kernel/errors.ts";
import { type NextRuns, nextRuns } from "../rules/next-runs.ts";
import { joiningRunId, scheduledRunId } from "../rules/run-id.ts";
import { alertRaise } from "../store/alert-raise.ts";
import { dagCountActive, dagLockDue, dagScheduled, scheduleGapInsert } from "../store/dag.ts";
import type { Store, Transaction } from "../store/database.ts";
import type { DueDagRow } from "../store/rows.ts";
import {
  dagRunInsert,
  dagRunInstantRelease,
  dagRunIntervalInsert,
  dagRunIntervalOverlaps,
  type InsertedRunRow,
} from "../store/schedule.ts";
import { isTransient } from "../store/transient-errors.ts";
import { isInstant } from "../timetable/data-interval.ts";
import { restrictionOf, timetableOf } from "../timetable/parse-schedule.ts";
import type { RunTime } from "../timetable/timetable.ts";
import type { RunCache } from "./run-cache.ts";

export interface CreateRunsOptions {
  readonly cache: RunCache;
  readonly now: Date;
  /** Most DAGs in one transaction. Defaults to 50. */
  readonly maxDags?: number;
}

export interface CreatedRun extends InsertedRunRow {
  readonly dag_id: string;
}

/** The runs of a DAG could not be created; nothing of its batch was. */
export class DagPlanError extends Error {
  override readonly name = "DagPlanError";
  readonly dagId: string;

  constructor(dagId: string, cause: Error) {
    super(`The runs of DAG "${dagId}" cannot be created: ${cause.message}`, { cause });
    this.dagId = dagId;
  }
}

const defaultMaxDags = 50;
const postponeMs = 60_000;
const maxRunsPerDag = 100;
/** A DAG at its limit of active runs is looked at when one of its runs ends, and this often in any case. */
const saturatedRecheckMs = 30_000;

/**
 * Creates the runs that are due. A DAG is locked while its runs are created and its next time is moved on, so two
 * schedulers share the work and neither does it twice.
 *
 * @returns runs created, and how many DAGs were due
 * @throws DagPlanError when one of the DAGs is in the way of the others
 */
export async function createDueRuns(
  database: Store,
  options: CreateRunsOptions,
): Promise<{ readonly created: readonly CreatedRun[]; readonly due: number }> {
  return database.transaction(async (tx) => {
    const due = await dagLockDue(tx, options.now, options.maxDags ?? defaultMaxDags);
    const graphs = await options.cache.graphs(
      tx,
      due.map((dag) => dag.dag_version_id),
    );
    const created: CreatedRun[] = [];
    for (const dag of due) {
      const manifest = graphs.get(dag.dag_version_id)?.manifest;
      if (manifest) created.push(...(await createOrBlame(tx, dag, manifest, options.now)));
    }
    return { created, due: due.length };
  });
}

/** Looks at a DAG again in a minute, when its trouble may be over. */
export async function postponeDag(database: Store, dagId: string, now: Date): Promise<void> {
  const nextRunAfter = new Date(now.getTime() + postponeMs);
  await dagScheduled(database, { dagId, lastInterval: undefined, nextRunAfter });
}

async function createOrBlame(
  tx: Transaction,
  dag: DueDagRow,
  manifest: DagManifest,
  now: Date,
): Promise<readonly CreatedRun[]> {
  try {
    return await createFor(tx, dag, manifest, now);
  } catch (error) {
    if (isTransient(error)) throw error;
    throw new DagPlanError(dag.dag_id, toError(error));
  }
}

async function createFor(
  tx: Transaction,
  dag: DueDagRow,
  manifest: DagManifest,
  now: Date,
): Promise<readonly CreatedRun[]> {
  const next = await planFor(tx, dag, manifest, now);
  const joining = next.runs.find((run) => beginsAtLastInstant(dag, run));
  if (joining) await dagRunInstantRelease(tx, dag.dag_id, joining.interval.start);
  const inserted = await dagRunInsert(tx, {
    dagId: dag.dag_id,
    dagVersionId: dag.dag_version_id,
    runType: "scheduled",
    triggeredBy: "timetable",
    params: {},
    runs: next.runs.map((run) => ({
      ...run,
      runId: run === joining ? joiningRunId(run) : scheduledRunId(run),
      logicalDate: run.interval.start,
    })),
  });
  if (inserted.length > 0) await dagRunIntervalInsert(tx, dag.dag_id, inserted);
  // What lies before the first look at a DAG was not missed by anybody.
  if (next.missedSpan && dag.last_interval_end !== null) {
    await scheduleGapInsert(tx, {
      dagId: dag.dag_id,
      ...next.missedSpan,
      intervals: next.missedCount,
    });
    if (manifest.alerts.onMissed) await tellMissed(tx, manifest, next.missedSpan, next.missedCount);
  }
  await moveOn(tx, dag, next, now);
  return inserted.map((row) => ({ ...row, dag_id: dag.dag_id }));
}

async function tellMissed(
  tx: Transaction,
  { dagId, timezone }: DagManifest,
  { start, end }: NonNullable<NextRuns["missedSpan"]>,
  count: number,
): Promise<void> {
  const dataInterval = { start: start.toISOString(), end: end.toISOString() };
  const payload = { dagId, runId: "", reason: "missed", timezone, dataInterval, count };
  await alertRaise(tx, { kind: "dag.interval_missed", subject: dataInterval.start, payload });
}

/** Whether a run is the first one of intervals, after a schedule of instants. */
function beginsAtLastInstant(dag: DueDagRow, { interval }: RunTime): boolean {
  const last = dag.last_interval_end?.getTime();
  const wasInstant = last === dag.last_interval_start?.getTime();
  return wasInstant && interval.start.getTime() === last && !isInstant(interval);
}

async function planFor(
  tx: Transaction,
  dag: DueDagRow,
  manifest: DagManifest,
  now: Date,
): Promise<NextRuns> {
  const restriction = restrictionOf(manifest);
  const coveredUntil = dag.last_interval_end ?? undefined;
  const from = coveredUntil ?? restriction.earliest;
  // What is due at this very instant can be covered as well; a span does not hold its end.
  const end = new Date(now.getTime() + 1);
  const covered =
    from < end ? await dagRunIntervalOverlaps(tx, dag.dag_id, { start: from, end }) : [];
  return nextRuns({
    timetable: timetableOf(manifest),
    restriction,
    coveredUntil,
    covered: covered.map((row) => ({ start: row.interval_start, end: row.interval_end })),
    now,
    activeRuns: await dagCountActive(tx, dag.dag_id),
    maxActiveRuns: manifest.maxActiveRuns,
    limit: maxRunsPerDag,
  });
}

async function moveOn(tx: Transaction, dag: DueDagRow, next: NextRuns, now: Date): Promise<void> {
  const end = next.settledUntil;
  const newest = next.runs.at(-1)?.interval ?? next.missedSpan;
  const start = newest?.start ?? dag.last_interval_start ?? end;
  const recheck = next.isAtLimit ? new Date(now.getTime() + saturatedRecheckMs) : undefined;
  await dagScheduled(tx, {
    dagId: dag.dag_id,
    lastInterval: end && start ? { start, end } : undefined,
    nextRunAfter: next.nextRunAfter ?? recheck,
  });
}
