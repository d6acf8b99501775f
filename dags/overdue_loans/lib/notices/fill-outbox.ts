import { overdueLoans } from "../../../connections.ts";
import type { LoadContext } from "../load-context.ts";
import { runSqlFile } from "../sql-file.ts";
import { type DayChoice, momentOf } from "./moment.ts";

export interface Outbox {
  readonly pending: number;
  readonly suppressed: number;
}

/**
 * Puts the most pressing notice of each client into the outbox, and the others as suppressed; cancels what is paid or
 * overtaken by a later stage. In the hours of quiet a notice is scheduled for their end.
 */
export async function fillOutbox(
  ctx: LoadContext,
  day: string,
  choice: DayChoice,
  now: Date = new Date(),
): Promise<Outbox> {
  const moment = await momentOf(ctx, await ctx.open(overdueLoans), choice, now);
  return ctx.transaction(overdueLoans, "outbox", async (tx) => {
    const target = { target_table: "ops.notification_outbox" };
    await runSqlFile(tx, "../lib/transform/etl/prepare_load.sql", target);
    const { rows } = await runSqlFile<{ pending: string; suppressed: string }>(
      tx,
      "transform/ops/notification_outbox.sql",
      { day, scheduled_at: moment.nextAllowedAt },
    );
    return { pending: Number(rows[0]?.pending ?? 0), suppressed: Number(rows[0]?.suppressed ?? 0) };
  });
}
