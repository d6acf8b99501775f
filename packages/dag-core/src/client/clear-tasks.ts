import type { TaskInstanceState } from "../definition/states.ts";
import { tidemillError } from "../kernel/errors.ts";
import {
  type InstanceStateRow,
  type RunFactsRow,
  runIdsBetween,
  taskInstanceClear,
  taskInstanceCollapse,
  taskInstanceStates,
  taskInstanceStop,
} from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import type { Transaction } from "../store/database.ts";
import { parseDate, parseDateInclusive } from "../timetable/parse-date.ts";
import { addTasks, checkOnlyNewOrThrow } from "./add-tasks.ts";
import { chooseInstances, downstreamOf, setupsFor, type TaskChoice } from "./choose-tasks.ts";
import { restart } from "./restart-run.ts";
import {
  type ChangeOptions,
  findDagOrThrow,
  findRunOrThrow,
  lockRunOrThrow,
  notify,
  type Scope,
} from "./scope.ts";

export interface RunChoice {
  readonly dagId: string;
  /** One run; else the runs of a range. */
  readonly runId?: string | undefined;
  /** First logical date, in the DAG's zone. */
  readonly from?: string | undefined;
  /** Last logical date, included; a date without time of day means all of that day. */
  readonly to?: string | undefined;
}

export interface ClearTasksOptions extends RunChoice, TaskChoice, ChangeOptions, ProgressOptions {
  /**
   * Clears nothing: adds to runs that have ended the tasks that newer versions of the DAG have brought, and runs these.
   * Defaults to false.
   */
  readonly onlyNew?: boolean | undefined;
  /** Tells what would be cleared and changes nothing. Defaults to false. */
  readonly dryRun?: boolean | undefined;
}

/** Told after each run of a verb over many. */
export interface ProgressOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface ChangedTask {
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  /** The state that it had. */
  readonly state: TaskInstanceState;
}

export interface TasksChanged {
  readonly isDryRun: boolean;
  readonly runIds: readonly string[];
  readonly tasks: readonly ChangedTask[];
}

/**
 * Forgets results, so that tasks run again with all their tries; runs that have ended start again. A transaction for
 * each run. What could not run because a cleared task had failed, or was cancelled, is cleared with it: it has no result
 * to lose. So are the setups that a cleared task needs, and their teardowns.
 */
export async function clearTasks(scope: Scope, options: ClearTasksOptions): Promise<TasksChanged> {
  const { dryRun: isDryRun = false, onlyNew = false } = options;
  const { database } = scope;
  if (onlyNew) checkOnlyNewOrThrow(options.dagId, options);
  const change = onlyNew ? addTo : clearRun;
  const runIds = await chooseRuns(scope, options);
  const tasks: ChangedTask[] = [];
  for (const [index, runId] of runIds.entries()) {
    const cleared = await database.transaction((tx) => change(tx, scope, { ...options, runId }));
    tasks.push(...cleared);
    options.onProgress?.(index + 1, runIds.length);
  }
  if (!isDryRun && tasks.length > 0) {
    await notify(scope, tasks.some((task) => task.state === "running") ? "cancel" : "");
  }
  const touched = new Set(tasks.map((task) => task.runId));
  return { isDryRun, runIds: runIds.filter((runId) => touched.has(runId)), tasks };
}

async function addTo(
  tx: Transaction,
  scope: Scope,
  options: ClearTasksOptions & { readonly runId: string },
): Promise<readonly ChangedTask[]> {
  const { runId } = options;
  const added = await addTasks(tx, scope, options);
  return added.map((taskId) => ({ runId, taskId, mapIndex: -1, state: "none" }));
}

/** @throws TidemillError when neither a run nor a range is given, or the DAG, the run or a date is none */
export async function chooseRuns({ database }: Scope, choice: RunChoice): Promise<string[]> {
  const { dagId, runId, from, to } = choice;
  if (runId !== undefined) return [(await findRunOrThrow(database, dagId, runId)).run_id];
  const { manifest } = await findDagOrThrow(database, dagId);
  if (from === undefined || to === undefined) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `The choice of runs of DAG "${dagId}"`,
      problem: "names neither a run nor a range",
      remedy: "give a run id, or a first and a last date",
    });
  }
  const range = {
    from: parseDate(from, manifest.timezone),
    to: parseDateInclusive(to, manifest.timezone),
  };
  if (range.from <= range.to) return runIdsBetween(database, dagId, range);
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The range ${from} to ${to}`,
    problem: "is backward",
    remedy: "exchange the dates",
  });
}

/** Clears tasks of one run, inside a transaction of the caller, who wakes the processes after the commit. */
export async function clearRun(
  tx: Transaction,
  { actor }: Scope,
  options: ClearTasksOptions & { readonly runId: string },
): Promise<readonly ChangedTask[]> {
  const { dagId, runId } = options;
  const isDryRun = options.dryRun ?? false;
  const run = await (isDryRun ? findRunOrThrow : lockRunOrThrow)(tx, dagId, runId);
  const all = await taskInstanceStates(tx, run.dag_run_id);
  const chosen = withSetups(
    run,
    all,
    withUnrun(run, all, chooseInstances(run.manifest, all, options)),
  );
  if (!isDryRun && chosen.length > 0) {
    await clearInstances(tx, run, all, chosen);
    await restart(tx, run);
    const details = { runId, tasks: [...new Set(chosen.map((i) => i.task_id))], why: options.why };
    const { dag_run_id: dagRunId } = run;
    await eventInsert(tx, { name: "dag_run.cleared", actor, dagId, dagRunId, details });
  }
  return chosen.map(({ task_id, map_index, state }) => {
    return { runId, taskId: task_id, mapIndex: map_index, state };
  });
}

/** Adds what is upstream-failed or cancelled after the chosen ones, and would otherwise fail the run again at once. */
function withUnrun(
  { manifest }: RunFactsRow,
  all: readonly InstanceStateRow[],
  chosen: readonly InstanceStateRow[],
): readonly InstanceStateRow[] {
  const following = downstreamOf(
    manifest,
    chosen.map((instance) => instance.task_id),
  );
  const ids = new Set(chosen.map((instance) => instance.task_instance_id));
  const isUnrun = ({ task_id, state }: InstanceStateRow) =>
    (state === "upstream_failed" || state === "cancelled") && following.has(task_id);
  return all.filter((instance) => ids.has(instance.task_instance_id) || isUnrun(instance));
}

function withSetups(
  { manifest }: RunFactsRow,
  all: readonly InstanceStateRow[],
  chosen: readonly InstanceStateRow[],
): readonly InstanceStateRow[] {
  const chosenIds = new Set(chosen.map((instance) => instance.task_instance_id));
  const needed = setupsFor(manifest, new Set(chosen.map((instance) => instance.task_id)));
  return all.filter((one) => chosenIds.has(one.task_instance_id) || needed.has(one.task_id));
}

/** Clears instances of a run whose lock is held. */
export async function clearInstances(
  tx: Transaction,
  run: RunFactsRow,
  all: readonly InstanceStateRow[],
  chosen: readonly InstanceStateRow[],
): Promise<void> {
  const ids = chosen.map((instance) => instance.task_instance_id);
  const retries = new Map(run.manifest.tasks.map((task) => [task.taskId, task.retries]));
  await taskInstanceStop(tx, ids);
  await taskInstanceClear(
    tx,
    chosen.map((i) => ({ id: i.task_instance_id, retries: retries.get(i.task_id) ?? 0 })),
  );
  const collapsed = toCollapse(run, all, chosen);
  if (collapsed.length > 0) await taskInstanceCollapse(tx, run.dag_run_id, collapsed);
}

/** Mapped tasks that are expanded anew: all their instances are cleared, so their list may have another length. */
function toCollapse(
  { manifest }: RunFactsRow,
  all: readonly InstanceStateRow[],
  chosen: readonly InstanceStateRow[],
): readonly string[] {
  const count = (rows: readonly InstanceStateRow[], taskId: string) =>
    rows.filter((row) => row.task_id === taskId && row.map_index >= 0).length;
  return manifest.tasks
    .filter((task) => task.kind === "each")
    .map((task) => task.taskId)
    .filter((taskId) => {
      const cleared = count(chosen, taskId);
      return cleared > 0 && cleared === count(all, taskId);
    });
}
