import {
  type InstanceStateRow,
  type RunFactsRow,
  taskInstanceClear,
  taskInstanceCollapse,
  taskInstanceStates,
  taskInstanceStop,
} from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import type { Transaction } from "../store/database.ts";
import { addTasks, checkOnlyNewOrThrow } from "./add-tasks.ts";
import {
  type ChangedTask,
  changeRuns,
  type ChangeRunsOptions,
  chooseRuns,
  type RunChoice,
  type TasksChanged,
} from "./change-runs.ts";
import { chooseInstances, downstreamOf, setupsFor, type TaskChoice } from "./choose-tasks.ts";
import { restart } from "./restart-run.ts";
import { type ChangeOptions, findRunOrThrow, lockRunOrThrow, type Scope } from "./scope.ts";

export interface ClearTasksOptions extends RunChoice, TaskChoice, ChangeOptions, ChangeRunsOptions {
  /**
   * Clears nothing: adds to runs that have ended the tasks that newer versions of the DAG have brought, and runs these.
   * Defaults to false.
   */
  readonly onlyNew?: boolean | undefined;
}

/**
 * Forgets results, so that tasks run again with all their tries; runs that have ended start again. A transaction for
 * each run. What could not run because a cleared task had failed, or was cancelled, is cleared with it: it has no result
 * to lose. So are the setups that a cleared task needs, and their teardowns.
 */
export async function clearTasks(scope: Scope, options: ClearTasksOptions): Promise<TasksChanged> {
  const { onlyNew = false } = options;
  if (onlyNew) checkOnlyNewOrThrow(options.dagId, options);
  const change = onlyNew ? addTo : clearRun;
  const runIds = await chooseRuns(scope, options);
  return changeRuns(scope, runIds, options, (tx, runId) =>
    change(tx, scope, { ...options, runId }),
  );
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
