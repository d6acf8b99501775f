import { backfillRunCancel, backfillRunsInState, backfillsCancelling } from "../store/backfill.ts";
import { dagLock } from "../store/client.ts";
import { dagRunBackfillEnd, dagRunLock } from "../store/dag-run.ts";
import type { Store } from "../store/database.ts";

/** For so many the schedule of the DAG waits a fraction of a second. */
const cancelBatch = 2_000;
/** Two billion runs; a loop that is not over by then does not make progress. */
const mostBatches = 1_000_000;

export interface CancelledBackfill {
  readonly backfill_id: string;
  readonly dag_id: string;
}

/**
 * Cancels the runs of a backfill that have not started, in short transactions, and ends the backfill if none of them
 * runs. It must be `cancelling`, so that nothing starts meanwhile.
 *
 * @returns how many runs were cancelled
 */
export async function cancelQueuedRuns(
  database: Store,
  backfill: CancelledBackfill,
): Promise<number> {
  let cancelled = 0;
  for (let batch = 0; batch < mostBatches; batch++) {
    const count = await cancelSome(database, backfill);
    if (count === undefined) break;
    cancelled += count;
  }
  return cancelled;
}

/** @returns how many were cancelled; undefined when there is none left */
function cancelSome(
  database: Store,
  { backfill_id, dag_id }: CancelledBackfill,
): Promise<number | undefined> {
  return database.transaction(async (tx) => {
    await dagLock(tx, dag_id);
    const queued = await backfillRunsInState(tx, backfill_id, "queued", cancelBatch);
    const ids = queued.map((run) => run.dag_run_id);
    if (ids.length > 0) await dagRunLock(tx, ids);
    const cancelled = ids.length > 0 ? await backfillRunCancel(tx, ids) : undefined;
    if (cancelled === undefined) await dagRunBackfillEnd(tx, [backfill_id]);
    return cancelled;
  });
}

/** Goes on with cancels that whoever asked for them did not live to finish. */
export async function finishCancels(database: Store): Promise<void> {
  for (const backfill of await backfillsCancelling(database)) {
    await cancelQueuedRuns(database, backfill);
  }
}
