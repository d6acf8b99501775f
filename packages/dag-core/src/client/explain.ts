import { finishedRunStates, finishedStates } from "../definition/states.ts";
import { dagGraph } from "../rules/dag-graph.ts";
import { decide } from "../rules/decide.ts";
import { type PastHold, pastHold } from "../rules/past.ts";
import { RunState } from "../rules/run-state.ts";
import { readPasts } from "../scheduler/look-back.ts";
import { RunCache } from "../scheduler/run-cache.ts";
import { instanceOf } from "../scheduler/run-entry.ts";
import { taskInstanceOfRuns } from "../store/dag-run.ts";
import type { Store } from "../store/database.ts";
import { schedulerFailureRecent } from "../store/failure.ts";
import {
  type ExplainInstanceRow,
  explainInstances,
  explainLimits,
  explainRunning,
  explainRunRow,
  type ExplainRunRow,
} from "../store/read-model.ts";
import {
  type ExplainedRun,
  failureReasons,
  queuedReasons,
  type Reason,
  soon,
} from "./explain-run.ts";
import { limitKeysOf, nameOf, type Situation, taskReasons } from "./explain-task.ts";
import { pastReason } from "./explain-wait.ts";
import { checkTaskOrThrow, findRunOrThrow, type Scope } from "./scope.ts";

export type { Reason } from "./explain-run.ts";

/** Why something does not run. */
export interface Explanation {
  /** `orders / manual__... / load`. */
  readonly subject: string;
  readonly state: string;
  readonly reasons: readonly Reason[];
}

/** Most task instances that the explanation of a whole run goes into. */
const mostExplained = 50;

/**
 * Why a run, or a task of it, does not run: what it waits for, who has that, and when it is looked at again. For a
 * running run: each of its tasks that has not ended.
 *
 * @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_RUN_NOT_FOUND`, `TIDEMILL_TASK_NOT_FOUND`
 */
export async function explain(
  scope: Scope,
  dagId: string,
  runId: string,
  taskId?: string,
): Promise<readonly Explanation[]> {
  await findRunOrThrow(scope.database, dagId, runId);
  const row = await explainRunRow(scope.database, dagId, runId);
  if (!row) return [];
  const run = { ...row, failure: await schedulerFailureRecent(scope.database, dagId) };
  if (taskId !== undefined) checkTaskOrThrow(run.manifest, taskId);
  if (run.state === "queued") {
    const held = await pastReasons(scope.database, run);
    const { running } = await explainRunning(scope.database);
    return [explanationOf(run, taskId, queuedReasons(run, { held, running }))];
  }
  const situation = await situationOf(scope, run);
  const wanted = situation.instances.filter((one) =>
    taskId === undefined ? !finishedStates.has(one.state) : one.task_id === taskId,
  );
  const tasks = wanted.slice(0, mostExplained).map((one) => taskExplanation(situation, one));
  return taskId === undefined && tasks.length === 0
    ? [explanationOf(run, undefined, [over(run), ...failureReasons(run)])]
    : tasks;
}

function explanationOf(
  run: ExplainedRun,
  taskId: string | undefined,
  reasons: readonly Reason[],
): Explanation {
  const subject = [run.dag_id, run.run_id, ...(taskId === undefined ? [] : [taskId])].join(" / ");
  return { subject, state: run.state, reasons };
}

function taskExplanation(situation: Situation, instance: ExplainInstanceRow): Explanation {
  const { run } = situation;
  const isStranded = finishedRunStates.has(run.state) && !finishedStates.has(instance.state);
  return {
    subject: `${run.dag_id} / ${run.run_id} / ${nameOf(instance)}`,
    state: instance.state,
    reasons: isStranded ? [over(run)] : [...taskReasons(situation, instance), ...stopped(run)],
  };
}

function over(run: ExplainRunRow): Reason {
  if (!finishedRunStates.has(run.state)) {
    return { reason: "all its tasks have ended", nextLook: soon };
  }
  const why = run.reason === null ? "" : ` (${run.reason})`;
  const reason = `the run has ended as ${run.state}${why}`;
  return { reason, nextLook: "never, unless it is cleared" };
}

function stopped({ state, verdict }: ExplainRunRow): readonly Reason[] {
  if (verdict === null || finishedRunStates.has(state)) return [];
  const reason = `the run was stopped and ends as ${verdict} when its teardowns have ended`;
  return [{ reason, nextLook: "when a teardown ends" }];
}

async function situationOf({ database }: Scope, run: ExplainedRun): Promise<Situation> {
  const instances = await explainInstances(database, run.dag_run_id);
  const named = instances.flatMap((instance) => instance.limits ?? []);
  const keys = [...new Set([...limitKeysOf(run.manifest), ...named])];
  const { running, other_ready: otherReady } = await explainRunning(database);
  const limits = await explainLimits(database, keys);
  const decided = await readRun(database, run);
  decide(decided, decided.graph.tasks.keys(), run.now);
  return { run, instances, limits, running, otherReady, decided };
}

/** A copy of the run, with what it looks back on. */
async function readRun(database: Store, run: ExplainedRun): Promise<RunState> {
  const { dag_run_id: dagRunId, manifest } = run;
  const graph = dagGraph(manifest, "");
  const rows = await taskInstanceOfRuns(database, [dagRunId]);
  const state = new RunState(dagRunId, graph, rows.map(instanceOf));
  if (graph.pastTasks.length === 0) return state;
  const pasts = await readPasts(database, new RunCache(), [{ dagRunId, graph }]);
  state.past = pasts.get(dagRunId)?.past;
  return state;
}

/** Why a run that waits for its past has not started: what holds its first tasks, or those that it came to. */
async function pastReasons(database: Store, run: ExplainedRun): Promise<readonly Reason[]> {
  if (!run.waits_for_past) return [];
  const reasonOf = (hold: PastHold) => pastReason(run.dag_id, hold);
  const state = await readRun(database, run);
  const { past, graph } = state;
  if (state.size > 0) {
    decide(state, graph.tasks.keys(), run.now);
    return [...state.pastHolds.values()].map(reasonOf);
  }
  if (!past) return [];
  const first = run.manifest.tasks.filter((task) => task.upstream.length === 0);
  return first.flatMap((task) => pastHold(run.manifest, task, past) ?? []).map(reasonOf);
}
