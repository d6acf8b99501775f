import type { DagManifest } from "../definition/manifest.ts";
import type { Outcome } from "../definition/outcome.ts";
import { checkParams, describeParamProblems } from "../definition/params.ts";
import { wakeKey } from "../definition/wake-key.ts";
import { TidemillError, tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { InstanceState } from "../rules/run-state.ts";
import { type DagFactsRow, dagFacts, dagIds, dagLock, runFind } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import type { Queryable, Transaction } from "../store/database.ts";
import { dagRunInsert, dagRunIntervalInsert, dagRunIntervalOverlaps } from "../store/schedule.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";
import type { FinishReport, Hop } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";

type Trigger = Extract<Outcome, { kind: "trigger" }>;

/** Locks the DAGs that get runs, in the order of their ids and before any run is locked. */
export async function lockTargets(tx: Queryable, reports: readonly FinishReport[]): Promise<void> {
  const dagIdsOf = reports.map(({ outcome }) => (outcome.kind === "trigger" ? outcome.dagId : ""));
  for (const dagId of [...new Set(dagIdsOf)].sort()) await dagLock(tx, dagId);
}

/**
 * Makes the runs that ended attempts ask for, each once for a task instance and clear number, and tells what became of
 * it as the outcome of the attempt. An attempt whose lease is gone makes none.
 */
export async function makeRuns(
  tx: Transaction,
  hop: Hop,
  reports: readonly FinishReport[],
): Promise<readonly FinishReport[]> {
  const made: FinishReport[] = [];
  for (const report of reports) {
    const held = report.outcome.kind === "trigger" ? hop.held(report) : undefined;
    if (held && report.outcome.kind === "trigger") {
      const outcome = await makeOrBlame(tx, held.entry, held.instance, report.outcome);
      if (outcome.kind !== "failed") hop.told += 1;
      made.push({ ...report, outcome });
    } else made.push(report);
  }
  return made;
}

async function makeOrBlame(
  tx: Transaction,
  entry: RunEntry,
  instance: InstanceState,
  trigger: Trigger,
): Promise<Outcome> {
  try {
    const runId = await makeRun(tx, entry, instance, trigger);
    const { dagId } = trigger;
    const isAwaited = entry.state.graph.tasks.get(instance.taskId)?.waits !== undefined;
    if (isAwaited) return { kind: "defer", wakeKey: wakeKey({ kind: "run", dagId, runId }) };
    return { kind: "success", output: JSON.stringify({ dagId, runId, state: "queued" }) };
  } catch (error) {
    if (!(error instanceof TidemillError)) throw error;
    const { code, message } = error;
    return { kind: "failed", reason: "error", error: { class: code, message }, retry: "never" };
  }
}

/** @returns the id of the run: the same for every attempt until the task is cleared */
async function makeRun(
  tx: Transaction,
  entry: RunEntry,
  instance: InstanceState,
  trigger: Trigger,
): Promise<string> {
  const { dagId } = trigger;
  const dag = await dagFacts(tx, dagId);
  if (!dag) throw tidemillError("TIDEMILL_DAG_NOT_FOUND", { dagId, known: await dagIds(tx) });
  const params = paramsOrThrow(dag.manifest, trigger.params);
  const runId = `manual__t${instance.taskInstanceId}_c${instance.clearNumber}`;
  if ((await runFind(tx, dagId, runId)) !== undefined) return runId;
  const named = trigger.interval === undefined ? undefined : namedOrThrow(dag, trigger.interval);
  if (named) await refuseCovered(tx, dagId, named);
  const { now, manifest } = dag;
  const interval = named ?? timetableOf(manifest).lastComplete(now) ?? { start: now, end: now };
  const triggeredBy = `task:${entry.facts.dag_id}/${entry.facts.run_id}/${instance.taskId}`;
  const [run] = await dagRunInsert(tx, {
    dagId,
    dagVersionId: dag.dag_version_id,
    runType: "manual",
    triggeredBy,
    params,
    runs: [{ interval, runAfter: now, runId, logicalDate: named?.start ?? null }],
  });
  if (run && named) await dagRunIntervalInsert(tx, dagId, [run]);
  if (run) {
    const { dag_run_id: dagRunId } = run;
    const details = { runId, interval: trigger.interval };
    await eventInsert(tx, {
      name: "dag_run.created",
      actor: triggeredBy,
      dagId,
      dagRunId,
      details,
    });
  }
  return runId;
}

function paramsOrThrow(manifest: DagManifest, json: string): JsonValue {
  const params = JSON.parse(json) as JsonValue;
  const problems = checkParams(manifest.paramsSchema, params);
  if (problems.length === 0) return params;
  const problem = describeParamProblems(problems);
  throw tidemillError("TIDEMILL_PARAMS_INVALID", { dagId: manifest.dagId, problem });
}

function namedOrThrow({ dag_id: dagId, manifest }: DagFactsRow, date: string): Interval {
  const interval = timetableOf(manifest).covering(new Date(date));
  if (interval) return interval;
  const schedule = JSON.stringify(manifest.schedule);
  throw tidemillError("TIDEMILL_INTERVAL_NONE", { dagId, date, schedule });
}

async function refuseCovered(tx: Queryable, dagId: string, interval: Interval): Promise<void> {
  const [other] = await dagRunIntervalOverlaps(tx, dagId, interval);
  if (!other) return;
  const text = `${interval.start.toISOString()} to ${interval.end.toISOString()}`;
  throw tidemillError("TIDEMILL_INTERVAL_COVERED", { dagId, interval: text, runId: other.run_id });
}
