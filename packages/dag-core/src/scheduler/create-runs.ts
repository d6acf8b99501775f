import type { DagManifest } from "../definition/manifest.ts";
import { toError } from "../kernel/errors.ts";
import { type NextRuns, nextRuns } from "../rules/next-runs.ts";
import { joiningRunId, scheduledRunId } from "../rules/run-id.ts";
import { alertRaise } from "../store/alert-raise.ts";
import {
  dagCountActive,
  dagLockDue,
  dagScheduled,
  type DagScheduledOptions,
  scheduleGapInsert,
} from "../store/dag.ts";
import type { Store, Transaction } from "../store/database.ts";
import type { DueDagRow } from "../store/rows.ts";
import {
  dagRunInsert,
  dagRunInstantRelease,
  dagRunIntervalInsert,
  dagRunIntervalOverlaps,
  type InsertedRunRow,
  type NewRun,
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

/** What became of the DAGs that were due. */
export interface CreatedRuns {
  readonly created: readonly InsertedRunRow[];
  /** How many DAGs were due. */
  readonly due: number;
  /** When these DAGs are due again. */
  readonly nextRunAfters: readonly Date[];
}

/** The runs of a DAG could not be created; nothing of them was. */
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

/** What is to become of a DAG that is due. */
interface Plan {
  readonly dag: DueDagRow;
  readonly manifest: DagManifest;
  readonly next: NextRuns;
}

/**
 * Creates the runs that are due, of several DAGs in one transaction. A DAG is locked while its runs are created and its
 * next time is moved on, so two schedulers share the work and neither does it twice.
 *
 * @throws DagPlanError when it was asked for one DAG and its runs cannot be created; of several, the error itself
 */
export async function createDueRuns(
  database: Store,
  { cache, now, maxDags = defaultMaxDags }: CreateRunsOptions,
): Promise<CreatedRuns> {
  return database.transaction(async (tx) => {
    const due = await dagLockDue(tx, now, maxDags);
    const [first] = due;
    if (!first) return { created: [], due: 0, nextRunAfters: [] };
    try {
      const plans = await plansFor(tx, due, { cache, now });
      const created = await createRuns(tx, plans);
      const moved = plans.map((plan) => movedOn(plan, now));
      await dagScheduled(tx, moved);
      const nextRunAfters = moved.flatMap(({ nextRunAfter }) => nextRunAfter ?? []);
      return { created, due: due.length, nextRunAfters };
    } catch (error) {
      if (maxDags > 1 || isTransient(error)) throw error;
      throw new DagPlanError(first.dag_id, toError(error));
    }
  });
}

/** Looks at a DAG again in a minute, when its trouble may be over. */
export async function postponeDag(database: Store, dagId: string, now: Date): Promise<void> {
  const nextRunAfter = new Date(now.getTime() + postponeMs);
  await dagScheduled(database, [{ dagId, lastInterval: undefined, nextRunAfter }]);
}

async function createRuns(
  tx: Transaction,
  plans: readonly Plan[],
): Promise<readonly InsertedRunRow[]> {
  const joins = new Map(
    plans.map((plan) => [plan, plan.next.runs.find((run) => beginsAtLastInstant(plan, run))]),
  );
  for (const [{ dag }, run] of joins) {
    if (run) await dagRunInstantRelease(tx, dag.dag_id, run.interval.start);
  }
  const runs = plans.flatMap((plan) =>
    plan.next.runs.map((run) => newRun(plan.dag, run, run === joins.get(plan))),
  );
  const inserted =
    runs.length > 0
      ? await dagRunInsert(tx, {
          runType: "scheduled",
          triggeredBy: "timetable",
          params: {},
          runs,
        })
      : [];
  if (inserted.length > 0) await dagRunIntervalInsert(tx, inserted);
  for (const plan of plans) await noteMissed(tx, plan);
  return inserted;
}

function newRun(dag: DueDagRow, run: RunTime, isJoining: boolean): NewRun {
  return {
    ...run,
    dagId: dag.dag_id,
    dagVersionId: dag.dag_version_id,
    runId: isJoining ? joiningRunId(run) : scheduledRunId(run),
    logicalDate: run.interval.start,
  };
}

/** What lies before it was not missed by anybody. */
const isFirstLook = (dag: DueDagRow): boolean => dag.last_interval_end === null;

async function noteMissed(tx: Transaction, { dag, manifest, next }: Plan): Promise<void> {
  const { missedSpan, missedCount } = next;
  if (!missedSpan || isFirstLook(dag)) return;
  const gap = { dagId: dag.dag_id, ...missedSpan, intervals: missedCount };
  await scheduleGapInsert(tx, gap);
  if (manifest.alerts.onMissed) await tellMissed(tx, manifest, missedSpan, missedCount);
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
function beginsAtLastInstant({ dag }: Plan, { interval }: RunTime): boolean {
  const last = dag.last_interval_end?.getTime();
  const wasInstant = last === dag.last_interval_start?.getTime();
  return wasInstant && interval.start.getTime() === last && !isInstant(interval);
}

async function plansFor(
  tx: Transaction,
  due: readonly DueDagRow[],
  { cache, now }: CreateRunsOptions,
): Promise<readonly Plan[]> {
  const graphs = await cache.graphs(
    tx,
    due.map((dag) => dag.dag_version_id),
  );
  const known = due.flatMap((dag) => {
    const manifest = graphs.get(dag.dag_version_id)?.manifest;
    return manifest ? [{ dag, manifest, restriction: restrictionOf(manifest) }] : [];
  });
  // What is due at this very instant can be covered as well; a span does not hold its end.
  const end = new Date(now.getTime() + 1);
  const spans = known.flatMap(({ dag, restriction }) => {
    const start = dag.last_interval_end ?? restriction.earliest;
    return start < end ? [{ dagId: dag.dag_id, start, end }] : [];
  });
  const covered = Map.groupBy(await dagRunIntervalOverlaps(tx, spans), (row) => row.dag_id);
  const active = await dagCountActive(
    tx,
    known.map(({ dag }) => dag.dag_id),
  );
  return known.map(({ dag, manifest, restriction }) => {
    const rows = covered.get(dag.dag_id) ?? [];
    const next = nextRuns({
      timetable: timetableOf(manifest),
      restriction,
      coveredUntil: dag.last_interval_end ?? undefined,
      covered: rows.map((row) => ({ start: row.interval_start, end: row.interval_end })),
      now,
      activeRuns: active.get(dag.dag_id) ?? 0,
      maxActiveRuns: manifest.maxActiveRuns,
      limit: maxRunsPerDag,
      ...(isFirstLook(dag) && { countLimit: 1 }),
    });
    return { dag, manifest, next };
  });
}

function movedOn({ dag, next }: Plan, now: Date): DagScheduledOptions {
  const end = next.settledUntil;
  const newest = next.runs.at(-1)?.interval ?? next.missedSpan;
  const start = newest?.start ?? dag.last_interval_start ?? end;
  const recheck = next.isAtLimit ? new Date(now.getTime() + saturatedRecheckMs) : undefined;
  return {
    dagId: dag.dag_id,
    lastInterval: end && start ? { start, end } : undefined,
    nextRunAfter: next.nextRunAfter ?? recheck,
  };
}
