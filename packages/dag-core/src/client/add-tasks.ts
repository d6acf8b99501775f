import { finishedRunStates } from "../definition/states.ts";
import { tidemillError } from "../kernel/errors.ts";
import { runRepin, taskInstanceStates } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import type { Transaction } from "../store/database.ts";
import type { TaskChoice } from "./choose-tasks.ts";
import { restart } from "./restart-run.ts";
import {
  type ChangeOptions,
  findDagOrThrow,
  findRunOrThrow,
  lockRunOrThrow,
  type Scope,
} from "./scope.ts";

export interface AddTasksOptions extends ChangeOptions {
  readonly dagId: string;
  readonly runId: string;
  readonly dryRun?: boolean | undefined;
}

/** A run takes a version whole, so that the new tasks find what they follow: there is nothing to choose among them. */
export function checkOnlyNewOrThrow(dagId: string, choice: TaskChoice): void {
  const { taskIds = [], taskRegex, mapIndex } = choice;
  const { upstream, downstream, onlyFailed, onlyRunning } = choice;
  const flags = [upstream, downstream, onlyFailed, onlyRunning].some((flag) => flag === true);
  const names = taskIds.length > 0 || taskRegex !== undefined || mapIndex !== undefined;
  if (!flags && !names) return;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The choice of new tasks of DAG "${dagId}"`,
    problem: "names tasks as well",
    remedy: "leave these out, all that are new are added",
  });
}

/**
 * Adds to a run that has ended the tasks that its DAG has by now and the run has not; it starts again with the newest
 * version and runs them. What has ended stays as it is.
 *
 * @returns the tasks that are new; none for a run that has not ended
 */
export async function addTasks(
  tx: Transaction,
  { actor }: Scope,
  { dagId, runId, dryRun = false, why }: AddTasksOptions,
): Promise<readonly string[]> {
  const run = await (dryRun ? findRunOrThrow : lockRunOrThrow)(tx, dagId, runId);
  const dag = await findDagOrThrow(tx, dagId);
  const instances = await taskInstanceStates(tx, run.dag_run_id);
  if (!finishedRunStates.has(run.state) || instances.length === 0) return [];
  const known = new Set(instances.map((instance) => instance.task_id));
  const added = dag.manifest.tasks.map((task) => task.taskId).filter((id) => !known.has(id));
  if (!dryRun && added.length > 0) {
    const { dag_run_id: dagRunId } = run;
    await runRepin(tx, dagRunId, dag.dag_version_id);
    await restart(tx, run);
    const details = { runId, tasks: added, why };
    await eventInsert(tx, { name: "dag_run.cleared", actor, dagId, dagRunId, details });
  }
  return added;
}
