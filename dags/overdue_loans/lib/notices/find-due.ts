import { overdueLoans } from "../../../connections.ts";
import type { LoadContext } from "../load-context.ts";
import { requireSchema } from "../require-schema.ts";
import { runSqlFile } from "../sql-file.ts";
import { type DayChoice, momentOf } from "./moment.ts";

export interface FindDueOptions extends DayChoice {
  /** Payments planned longer ago are with collection already. Defaults to 90. */
  readonly oldestDays?: number;
}

export interface Due {
  /** The day that the notices are about, `YYYY-MM-DD`. */
  readonly day: string;
  readonly due: number;
  readonly clients: number;
}

/**
 * Finds the payments that have a stage due on the day, each with its priority: days overdue x shortfall x risk. What is
 * paid after the day is not known on it.
 *
 * @example await findDue(ctx, { date: "2024-12-20" });
 */
export async function findDue(
  ctx: LoadContext,
  options: FindDueOptions,
  now: Date = new Date(),
): Promise<Due> {
  await requireSchema(ctx);
  const { day } = await momentOf(ctx, await ctx.open(overdueLoans), options, now);
  return ctx.transaction(overdueLoans, "due payments", async (tx) => {
    await runSqlFile(tx, "../lib/transform/etl/prepare_load.sql", {
      target_table: "ops.due_payment",
    });
    const { rows } = await runSqlFile<{ due: string; clients: string }>(
      tx,
      "transform/ops/due_payment.sql",
      { day, oldest_days: options.oldestDays ?? 90 },
    );
    const found = { day, due: Number(rows[0]?.due ?? 0), clients: Number(rows[0]?.clients ?? 0) };
    ctx.log.info("due payments", found);
    return found;
  });
}
