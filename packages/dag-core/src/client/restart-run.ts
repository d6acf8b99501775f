import { finishedRunStates } from "../definition/states.ts";
import { refuseCovered } from "../scheduler/manual-run.ts";
import { backfillLock } from "../store/backfill.ts";
import { runHasIntervals, type RunFactsRow, runRequeue, runTouch } from "../store/client.ts";
import type { Transaction } from "../store/database.ts";
import { dagRunIntervalInsert } from "../store/schedule.ts";
import { intervalsBetween } from "../timetable/data-interval.ts";

export interface RestartOptions {
  /** Whether a run that has ended keeps the moment it first started at. Defaults to false: it starts anew. */
  readonly keepsStart?: boolean;
}

/** Lets the scheduler look at a run whose tasks were changed; one that has ended starts again. */
export async function restart(
  tx: Transaction,
  run: RunFactsRow,
  { keepsStart = false }: RestartOptions = {},
): Promise<void> {
  if (!finishedRunStates.has(run.state)) return runTouch(tx, run.dag_run_id);
  if (run.logical_date !== null && !(await runHasIntervals(tx, run.dag_run_id))) {
    await coverAgain(tx, run);
  }
  if (run.backfill_id !== null) await backfillLock(tx, run.backfill_id);
  await runRequeue(tx, run.dag_run_id, keepsStart);
}

/** A run that was cancelled has released what it covered; another run may cover it now. */
async function coverAgain(tx: Transaction, run: RunFactsRow): Promise<void> {
  const { dag_id, dag_run_id, data_interval_start: start, data_interval_end: end } = run;
  await refuseCovered(tx, dag_id, { start, end });
  const covered = run.interval_bounds ? intervalsBetween(run.interval_bounds) : [{ start, end }];
  const rows = covered.map((interval) => ({
    dag_run_id,
    dag_id,
    data_interval_start: interval.start,
    data_interval_end: interval.end,
  }));
  await dagRunIntervalInsert(tx, rows);
}
