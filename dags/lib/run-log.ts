import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import type { PostgresHook } from "@tidemill/tasks/postgres";
import { type LoadCounts, noRows } from "./load-counts.ts";
import type { SqlFiles } from "./sql-files.ts";

interface Outcome {
  readonly startedAt: Date;
  readonly status: "success" | "failed";
  readonly counts: LoadCounts;
  readonly error: string | null;
}

/** Runs a load and leaves its row in `etl.run_log`, whether it succeeds or fails. */
export type LoggedLoad = <Counts extends LoadCounts>(
  ctx: TaskContext,
  load: () => Promise<Counts>,
) => Promise<Counts>;

/** The values of `transform/etl/run_log.sql`. */
const runLogValues = (ctx: TaskContext, { counts, ...outcome }: Outcome) => ({
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

/**
 * The run log of a warehouse: its file `transform/etl/run_log.sql` writes the row, outside of the load's transaction,
 * which may have been rolled back. A log that cannot be written after a failure is a warning only; the load's own
 * error is the one that is thrown.
 *
 * @example const loggedLoad = runLog(craftMarket, sqlFiles("craft_market"));
 */
export function runLog(warehouse: ConnectionRef<PostgresHook>, sql: SqlFiles): LoggedLoad {
  const write = async (ctx: TaskContext, outcome: Outcome): Promise<void> => {
    const hook = await ctx.open(warehouse);
    await sql.run(hook, "transform/etl/run_log.sql", runLogValues(ctx, outcome));
  };
  return async <Counts extends LoadCounts>(ctx: TaskContext, load: () => Promise<Counts>) => {
    const startedAt = new Date();
    let counts: Counts;
    try {
      counts = await load();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      await write(ctx, { startedAt, status: "failed", counts: noRows, error: text }).catch(() =>
        ctx.log.warn("etl.run_log could not be written, the failure is in this log only"),
      );
      throw error;
    }
    await write(ctx, { startedAt, status: "success", counts, error: null });
    ctx.log.info("load counted", counts);
    return counts;
  };
}
