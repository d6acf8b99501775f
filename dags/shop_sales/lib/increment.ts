import { FailTask, SkipTask, type TaskContext } from "@tidemill/dag-core";
import { shopSales } from "../../connections.ts";
import { allStored } from "../../lib/load-counts.ts";
import { addDays, dayOf } from "./days.ts";
import { getIncrement, type Increment } from "./report-api.ts";
import type { Days } from "./source-files.ts";
import { loggedLoad, sql } from "./sql.ts";

/** The day that a run is about. */
export const businessDate = (ctx: TaskContext<{ readonly date?: string | undefined }>): string =>
  ctx.params.date ?? dayOf(ctx.dataInterval.start);

export const oneDay = (day: string): Days => ({ from: day, to: addDays(day, 1) });

export interface RequireIncrementOptions {
  readonly reportId: string;
  readonly date: string;
  /** What to do when the service has none. */
  readonly onMissing: "fail" | "skip";
}

/**
 * The increment of a day.
 *
 * @throws FailTask when there is none; with `onMissing: "skip"` a SkipTask, after a row in `dq.rejected_rows`.
 */
export async function requireIncrement(
  ctx: TaskContext,
  { reportId, date, onMissing }: RequireIncrementOptions,
): Promise<Increment> {
  const found = await getIncrement(ctx, { reportId, date });
  const hook = await ctx.open(shopSales);
  if (found.incrementId !== null) {
    await sql.run(hook, "transform/dq/increment_found.sql", { business_dt: date });
    return found;
  }
  const what = `Increment of ${date} is not there: the service answered "${found.status}" without an increment`;
  if (onMissing === "fail") {
    throw new FailTask(
      `${what}; run the day again when it is, or set the parameter onMissingIncrement to "skip"`,
    );
  }
  const answer = JSON.stringify({ status: found.status, increment_id: null });
  const values = { run_id: ctx.runId, business_dt: date, answer };
  await loggedLoad(
    ctx,
    async () => {
      await sql.run(hook, "transform/dq/increment_missing.sql", values);
      return allStored(0);
    },
    { businessDate: date },
  );
  throw new SkipTask(what);
}
