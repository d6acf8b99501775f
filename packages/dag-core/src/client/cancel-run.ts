import { finishedRunStates, finishedStates, unfinishedStates } from "../definition/states.ts";
import { tidemillError } from "../kernel/errors.ts";
import { teardownIds } from "../rules/gates.ts";
import {
  type InstanceStateRow,
  runCancel,
  type RunFactsRow,
  runStop,
  taskInstanceEnd,
  taskInstanceStates,
  taskInstanceStop,
} from "../store/client.ts";
import { dagMakeDue, eventInsert } from "../store/dag.ts";
import { dagRunBackfillEnd } from "../store/dag-run.ts";
import type { Transaction } from "../store/database.ts";
import {
  type ChangeOptions,
  findRunOrThrow,
  lockRunOrThrow,
  notify,
  runSubject,
  type Scope,
} from "./scope.ts";

export interface CancelRunOptions extends ChangeOptions {
  /** Tells what would be cancelled and changes nothing. Defaults to false. */
  readonly dryRun?: boolean | undefined;
}

export interface RunCancelled {
  readonly isDryRun: boolean;
  readonly runId: string;
  /** Task instances that had not ended and were cancelled. */
  readonly tasks: number;
  /** Teardowns that are left to run; the run ends after them. */
  readonly teardowns: number;
}

/**
 * Ends a run: what has not ended is cancelled, what runs is aborted, the intervals that it covers are free again. Its
 * teardowns run first; cancelled once more, the run ends without them.
 */
export async function cancelRun(
  scope: Scope,
  dagId: string,
  runId: string,
  options: CancelRunOptions = {},
): Promise<RunCancelled> {
  const isDryRun = options.dryRun ?? false;
  const { database } = scope;
  const done = await database.transaction((tx) => cancelIn(tx, scope, dagId, runId, options));
  if (!isDryRun) await notify(scope, "cancel");
  return { isDryRun, runId, ...done };
}

/** The same inside a transaction of the caller, who wakes the processes after the commit. */
export async function cancelIn(
  tx: Transaction,
  { actor }: Scope,
  dagId: string,
  runId: string,
  { dryRun = false, why }: CancelRunOptions,
): Promise<Pick<RunCancelled, "tasks" | "teardowns">> {
  const run = await (dryRun ? findRunOrThrow : lockRunOrThrow)(tx, dagId, runId);
  if (finishedRunStates.has(run.state)) {
    const remedy = "only a queued or running run can be cancelled";
    const details = { subject: runSubject(dagId, runId), state: run.state, remedy };
    throw tidemillError("TIDEMILL_STATE_REFUSED", details);
  }
  const open = (await taskInstanceStates(tx, run.dag_run_id)).filter(
    (instance) => !finishedStates.has(instance.state),
  );
  const teardowns = run.verdict === "cancelled" ? [] : teardownsAmong(run, open);
  const cancelled = open.filter((instance) => !teardowns.includes(instance));
  const done = { tasks: cancelled.length, teardowns: teardowns.length };
  if (dryRun) return done;
  const ids = cancelled.map((instance) => instance.task_instance_id);
  await taskInstanceStop(tx, ids);
  await taskInstanceEnd(tx, { ids, state: "cancelled", from: [...unfinishedStates] });
  if (teardowns.length > 0) await runStop(tx, run.dag_run_id, "cancelled");
  else await runCancel(tx, run.dag_run_id);
  await eventInsert(tx, {
    name: "dag_run.cancelled",
    actor,
    dagId,
    dagRunId: run.dag_run_id,
    details: { runId, ...done, why },
  });
  // The DAG may have waited for a free place; its row is locked already.
  await dagMakeDue(tx, [dagId]);
  if (run.backfill_id !== null) await dagRunBackfillEnd(tx, [run.backfill_id]);
  return done;
}

/** The instances of teardowns, which run whatever becomes of the rest. */
export function teardownsAmong(
  { manifest }: RunFactsRow,
  instances: readonly InstanceStateRow[],
): readonly InstanceStateRow[] {
  const teardowns = teardownIds(manifest.tasks);
  return instances.filter((instance) => teardowns.has(instance.task_id));
}
