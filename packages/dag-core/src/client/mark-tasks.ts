import { taskInstanceStates as allStates } from "../definition/states.ts";
import { tidemillError } from "../kernel/errors.ts";
import {
  type InstanceStateRow,
  type RunFactsRow,
  runIdsBetween,
  taskInstanceEnd,
  taskInstanceStates,
  taskInstanceStop,
} from "../store/client.ts";
import { alertTaskFailed } from "../store/alert-raise.ts";
import { eventInsert } from "../store/dag.ts";
import type { Transaction } from "../store/database.ts";
import {
  type ChangedTask,
  changeRuns,
  type ChangeRunsOptions,
  chooseRuns,
  type RunChoice,
  type TasksChanged,
} from "./change-runs.ts";
import { chooseInstances, downstreamOf, failedStates, type TaskChoice } from "./choose-tasks.ts";
import { clearInstances } from "./clear-tasks.ts";
import { restart } from "./restart-run.ts";
import {
  type ChangeOptions,
  findRunOrThrow,
  lockRunOrThrow,
  runSubject,
  type Scope,
} from "./scope.ts";

const markStates = ["success", "failed", "skipped"] as const;

export interface MarkTasksOptions extends RunChoice, TaskChoice, ChangeOptions, ChangeRunsOptions {
  readonly state: (typeof markStates)[number];
  /** In all earlier runs of the DAG too, by logical date. Defaults to false. */
  readonly past?: boolean | undefined;
  /** In all later runs that exist too. Defaults to false. */
  readonly future?: boolean | undefined;
}

/**
 * Sets the state of tasks by hand. What failed after them is cleared, and the run is looked at again, so that it goes
 * on from there. A transaction for each run.
 */
export async function markTasks(scope: Scope, options: MarkTasksOptions): Promise<TasksChanged> {
  checkChoiceOrThrow(options);
  const runIds = await runsToMark(scope, options);
  return changeRuns(scope, runIds, options, (tx, runId) =>
    markIn(tx, scope, { ...options, runId }, runIds.length > 1),
  );
}

/** Marking everything by leaving out the tasks would be a slip with a large effect. */
function checkChoiceOrThrow({ dagId, taskIds = [], taskRegex }: MarkTasksOptions): void {
  if (taskIds.length > 0 || taskRegex !== undefined) return;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The choice of tasks of DAG "${dagId}"`,
    problem: "is empty",
    remedy: "name a task, or a pattern that matches some",
  });
}

const firstDate = new Date("0001-01-01T00:00:00Z");
const lastDate = new Date("9999-12-31T00:00:00Z");

/** One run with those before and after it, or what any verb chooses. */
async function runsToMark(scope: Scope, options: MarkTasksOptions): Promise<string[]> {
  const { dagId, runId, past = false, future = false } = options;
  if (runId === undefined || !(past || future)) return chooseRuns(scope, options);
  const { logical_date: date } = await findRunOrThrow(scope.database, dagId, runId);
  if (date === null) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: runSubject(dagId, runId),
      problem: "has no logical date, so no run is before or after it",
      remedy: "leave out past and future",
    });
  }
  const range = { from: past ? firstDate : date, to: future ? lastDate : date };
  return runIdsBetween(scope.database, dagId, range);
}

/** @param isOneOfMany Then a run that has no tasks yet is passed over. */
async function markIn(
  tx: Transaction,
  { actor }: Scope,
  options: MarkTasksOptions & { readonly runId: string },
  isOneOfMany: boolean,
): Promise<readonly ChangedTask[]> {
  const { dagId, runId, state, dryRun = false, why } = options;
  const run = await (dryRun ? findRunOrThrow : lockRunOrThrow)(tx, dagId, runId);
  const all = await taskInstanceStates(tx, run.dag_run_id);
  if (all.length === 0 && isOneOfMany) return [];
  if (all.length === 0) {
    const remedy = "its tasks exist once it has started";
    const details = { subject: runSubject(dagId, runId), state: run.state, remedy };
    throw tidemillError("TIDEMILL_STATE_REFUSED", details);
  }
  const marked = chooseInstances(run.manifest, all, options).filter((i) => i.state !== state);
  if (!dryRun && marked.length > 0) {
    await apply(tx, run, all, marked, state);
    const details = { runId, state, tasks: [...new Set(marked.map((i) => i.task_id))], why };
    const name = "task_instance.marked";
    await eventInsert(tx, { name, actor, dagId, dagRunId: run.dag_run_id, details });
  }
  return marked.map((instance) => {
    const { task_id, map_index } = instance;
    return { runId, taskId: task_id, mapIndex: map_index, state: instance.state };
  });
}

async function apply(
  tx: Transaction,
  run: RunFactsRow,
  all: readonly InstanceStateRow[],
  marked: readonly InstanceStateRow[],
  state: MarkTasksOptions["state"],
): Promise<void> {
  const ids = marked.map((instance) => instance.task_instance_id);
  await taskInstanceStop(tx, ids);
  const from = allStates.filter((other) => other !== state);
  await taskInstanceEnd(tx, { ids, state, from });
  if (state === "failed") await alertTaskFailed(tx, ids);
  const failed = failedAfter(run, all, marked);
  if (failed.length > 0) await clearInstances(tx, run, all, failed);
  await restart(tx, run, { keepsStart: true });
}

function failedAfter(
  { manifest }: RunFactsRow,
  all: readonly InstanceStateRow[],
  marked: readonly InstanceStateRow[],
): readonly InstanceStateRow[] {
  const own = new Set(marked.map((instance) => instance.task_id));
  const following = downstreamOf(manifest, own);
  return all.filter(
    ({ task_id, state }) => following.has(task_id) && !own.has(task_id) && failedStates.has(state),
  );
}
