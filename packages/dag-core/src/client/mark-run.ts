import {
  finishedStates,
  taskInstanceStates as allStates,
  type TaskInstanceState,
} from "../definition/states.ts";
import {
  type InstanceStateRow,
  runEnd,
  type RunFactsRow,
  runStop,
  runTouch,
  taskInstanceEnd,
  taskInstanceStates,
  taskInstanceStop,
} from "../store/client.ts";
import { dagMakeDue, eventInsert } from "../store/dag.ts";
import { dagRunBackfillEnd } from "../store/dag-run.ts";
import type { Transaction } from "../store/database.ts";
import { teardownsAmong } from "./cancel-run.ts";
import { type ChangeOptions, findRunOrThrow, lockRunOrThrow, notify, type Scope } from "./scope.ts";

export interface MarkRunOptions extends ChangeOptions {
  readonly state: "success" | "failed";
  /** Tells what would be marked and changes nothing. Defaults to false. */
  readonly dryRun?: boolean | undefined;
}

export interface RunMarked {
  readonly isDryRun: boolean;
  readonly runId: string;
  /** Task instances whose state was set. */
  readonly tasks: number;
  /** Teardowns that are left to run; the run ends after them. */
  readonly teardowns: number;
}

type Marked = {
  readonly instance: InstanceStateRow;
  readonly state: "success" | "failed" | "skipped";
};

/**
 * Ends a run by hand. As a success: all its tasks have succeeded. As a failure: what runs or waits for something has
 * failed, what has not begun is skipped. Teardowns that have not ended run all the same, and the run ends after them.
 */
export async function markRun(
  scope: Scope,
  dagId: string,
  runId: string,
  options: MarkRunOptions,
): Promise<RunMarked> {
  const isDryRun = options.dryRun ?? false;
  const mark = (tx: Transaction) => markIn(tx, scope, dagId, runId, options);
  const done = await scope.database.transaction(mark);
  if (!isDryRun) await notify(scope, "cancel");
  return { isDryRun, runId, ...done };
}

async function markIn(
  tx: Transaction,
  { actor }: Scope,
  dagId: string,
  runId: string,
  { state, dryRun = false, why }: MarkRunOptions,
): Promise<Pick<RunMarked, "tasks" | "teardowns">> {
  const run = await (dryRun ? findRunOrThrow : lockRunOrThrow)(tx, dagId, runId);
  const all = await taskInstanceStates(tx, run.dag_run_id);
  const left = teardownsAmong(run, all).filter((one) => !finishedStates.has(one.state));
  const marked = marks(
    all.filter((one) => !left.includes(one)),
    state,
  );
  const done = { tasks: marked.length, teardowns: left.length };
  if (dryRun) return done;
  await setStates(tx, marked);
  await endRun(tx, run, state);
  const details = { runId, state, ...done, why };
  const { dag_run_id: dagRunId } = run;
  await eventInsert(tx, { name: "dag_run.marked", actor, dagId, dagRunId, details });
  return done;
}

const busy: ReadonlySet<TaskInstanceState> = new Set(["running", "deferred", "up_for_reschedule"]);

function marks(
  instances: readonly InstanceStateRow[],
  state: MarkRunOptions["state"],
): readonly Marked[] {
  if (state === "success") {
    const others = instances.filter((one) => one.state !== "success" && one.state !== "removed");
    return others.map((instance) => ({ instance, state }));
  }
  return instances
    .filter((instance) => !finishedStates.has(instance.state))
    .map((instance) => ({ instance, state: busy.has(instance.state) ? "failed" : "skipped" }));
}

async function setStates(tx: Transaction, marked: readonly Marked[]): Promise<void> {
  await taskInstanceStop(
    tx,
    marked.map(({ instance }) => instance.task_instance_id),
  );
  for (const [state, some] of Map.groupBy(marked, (one) => one.state)) {
    const ids = some.map(({ instance }) => instance.task_instance_id);
    await taskInstanceEnd(tx, { ids, state, from: allStates.filter((other) => other !== state) });
  }
}

/** A run that goes on is ended by a scheduler, with all that belongs to an end; nobody looks at another. */
async function endRun(
  tx: Transaction,
  run: RunFactsRow,
  state: MarkRunOptions["state"],
): Promise<void> {
  const { dag_run_id, dag_id, backfill_id } = run;
  if (run.state === "running") {
    await runTouch(tx, dag_run_id);
    if (state === "failed") await runStop(tx, dag_run_id, state);
    return;
  }
  await runEnd(tx, dag_run_id, state);
  await dagMakeDue(tx, [dag_id]);
  if (backfill_id !== null) await dagRunBackfillEnd(tx, [backfill_id]);
}
