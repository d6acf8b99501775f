import type { TaskContext } from "@tidemill/dag-core";
import { shopEvents } from "../../connections.ts";
import { type LoadCounts, noRows } from "./load-counts.ts";
import { runSqlFile } from "./sql-file.ts";

interface Outcome {
  readonly startedAt: Date;
  readonly status: "success" | "failed";
  readonly counts: LoadCounts;
  readonly error: string | null;
}

/** A connection of its own statement: the transaction of the load may have been rolled back. */
async function writeRunLog(ctx: TaskContext, outcome: Outcome): Promise<void> {
  const { counts } = outcome;
  await runSqlFile(await ctx.open(shopEvents), "transform/etl/run_log.sql", {
    run_id: ctx.runId,
    task: ctx.taskId,
    business_dt: ctx.dataInterval.start.toISOString().slice(0, 10),
    started_at: outcome.startedAt,
    status: outcome.status,
    rows_in: counts.rowsIn,
    rows_out: counts.rowsOut,
    rows_rejected: counts.rowsRejected,
    rows_duplicate: counts.rowsDuplicate,
    rows_filtered: counts.rowsFiltered,
    error: outcome.error,
  });
}

/**
 * Runs a load and leaves its row in `etl.run_log`, whether it succeeds or fails.
 *
 * @throws Whatever the load threw; a run log that cannot be written then is a warning only.
 * @example await loggedLoad(ctx, () => loadOrders(ctx));
 */
export async function loggedLoad<Counts extends LoadCounts>(
  ctx: TaskContext,
  load: () => Promise<Counts>,
): Promise<Counts> {
  const startedAt = new Date();
  let counts: Counts;
  try {
    counts = await load();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    await writeRunLog(ctx, { startedAt, status: "failed", counts: noRows, error: text }).catch(() =>
      ctx.log.warn("etl.run_log could not be written, the failure is in this log only"),
    );
    throw error;
  }
  await writeRunLog(ctx, { startedAt, status: "success", counts, error: null });
  ctx.log.info("load counted", counts);
  return counts;
}
