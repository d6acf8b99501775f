import type { TaskContext } from "@tidemill/dag-core";
import { paymentsApp } from "../../connections.ts";
import { type LoadCounts, noRows } from "../../lib/load-counts.ts";
import { sql } from "./sql.ts";

export interface Logged extends LoadCounts {
  /** Problems that block the batch; they make the row of the log say `blocked`. */
  readonly blockedBy?: readonly string[];
}

interface Outcome {
  readonly batchDt: string;
  readonly startedAt: Date;
  readonly status: "success" | "failed" | "blocked";
  readonly counts: LoadCounts;
  readonly error: string | null;
}

async function write(ctx: TaskContext, outcome: Outcome): Promise<void> {
  const { counts } = outcome;
  await sql.run(await ctx.open(paymentsApp), "transform/etl/run_log.sql", {
    run_id: ctx.runId,
    task: ctx.taskId,
    business_dt: outcome.batchDt,
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
 * Runs a step of a batch and leaves its row in `etl.run_log`, under the batch's own day: whether it succeeds, fails
 * or is blocked.
 */
export async function logged<Counts extends Logged>(
  ctx: TaskContext,
  batchDt: string,
  step: () => Promise<Counts>,
): Promise<Counts> {
  const startedAt = new Date();
  let counts: Counts;
  try {
    counts = await step();
  } catch (error) {
    const text = ctx.redact(error instanceof Error ? error.message : String(error));
    const failed = { batchDt, startedAt, status: "failed", counts: noRows, error: text } as const;
    await write(ctx, failed).catch(() =>
      ctx.log.warn("etl.run_log could not be written, the failure is in this log only"),
    );
    throw error;
  }
  const { blockedBy = [] } = counts;
  const status = blockedBy.length > 0 ? "blocked" : "success";
  const error = blockedBy.length > 0 ? blockedBy.join("; ") : null;
  await write(ctx, { batchDt, startedAt, status, counts, error });
  return counts;
}
