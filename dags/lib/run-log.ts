import { type ConnectionRef, SkipTask, type TaskContext } from "@tidemill/dag-core";
import type { PostgresHook } from "@tidemill/tasks/postgres";
import { type LoadCounts, noRows } from "./load-counts.ts";
import type { SqlFiles } from "./sql-files.ts";

interface Outcome {
  readonly startedAt: Date;
  readonly status: "success" | "failed" | "blocked";
  readonly counts: LoadCounts;
  readonly error: string | null;
}

/** What the run log needs to know of a task; a command line may have it too. */
export type RunLogContext = Pick<
  TaskContext,
  "open" | "runId" | "taskId" | "dataInterval" | "log" | "redact"
>;

/** Counts of a load that may find what must not go on. */
export interface CheckedCounts extends LoadCounts {
  /** Problems that block what follows the load; with any, the row of the log says `blocked`, which it must know, and names them. */
  readonly blockedBy?: readonly string[];
}

/** Runs a load and leaves its row in `etl.run_log`, whether it succeeds or fails. */
export type LoggedLoad = <Counts extends CheckedCounts>(
  ctx: RunLogContext,
  load: () => Promise<Counts>,
  names?: LoadNames,
) => Promise<Counts>;

export interface LoadNames {
  /** Tells several loads of one task apart. Defaults to the task's id. */
  readonly task?: string;
  /** The day that the load is about, `YYYY-MM-DD`. Defaults to the first of the data interval. */
  readonly businessDate?: string;
}

const verdictOf = ({ blockedBy = [] }: CheckedCounts): Pick<Outcome, "status" | "error"> =>
  blockedBy.length > 0
    ? { status: "blocked", error: blockedBy.join("; ") }
    : { status: "success", error: null };

/** The values of `sql/lib/transform/etl/run_log.sql`. */
const runLogValues = (ctx: RunLogContext, { counts, ...outcome }: Outcome, names: LoadNames) => ({
  run_id: ctx.runId,
  task: names.task ?? ctx.taskId,
  business_dt: names.businessDate ?? ctx.dataInterval.start.toISOString().slice(0, 10),
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
 * The run log of a warehouse: `sql/lib/transform/etl/run_log.sql` writes the row, outside of the load's transaction,
 * which may have been rolled back. A log that cannot be written after a failure is a warning only; the load's own
 * error is the one that is thrown.
 *
 * @example const loggedLoad = runLog(craftMarket, sqlFiles("craft_market"));
 */
export function runLog(warehouse: ConnectionRef<PostgresHook>, sql: SqlFiles): LoggedLoad {
  const write = async (ctx: RunLogContext, outcome: Outcome, names: LoadNames): Promise<void> => {
    const hook = await ctx.open(warehouse);
    await sql.run(hook, "../lib/transform/etl/run_log.sql", runLogValues(ctx, outcome, names));
  };
  return async <Counts extends CheckedCounts>(
    ctx: RunLogContext,
    load: () => Promise<Counts>,
    names: LoadNames = {},
  ) => {
    const startedAt = new Date();
    let counts: Counts;
    try {
      counts = await load();
    } catch (error) {
      // There was nothing to load: no row, as for a load that was not due.
      if (error instanceof SkipTask) throw error;
      const text = ctx.redact(error instanceof Error ? error.message : String(error));
      const failed = { startedAt, status: "failed", counts: noRows, error: text } as const;
      await write(ctx, failed, names).catch(() =>
        ctx.log.warn("etl.run_log could not be written, the failure is in this log only"),
      );
      throw error;
    }
    await write(ctx, { startedAt, counts, ...verdictOf(counts) }, names);
    ctx.log.info("load counted", counts);
    return counts;
  };
}
