import type { TaskContext } from "@tidemill/dag-core";
import { telegram, telegramMessage } from "@tidemill/tasks/telegram";
import { paymentsApp } from "../../connections.ts";
import { batchOf } from "./batch.ts";
import { sql } from "./sql.ts";

const analysts = telegram("payments_telegram");

interface DayFigures {
  readonly payments: string;
  readonly gpv: string;
  readonly revenue: string;
  readonly rejected: string;
}

const noFigures: DayFigures = { payments: "0", gpv: "0", revenue: "0", rejected: "0" };

/** Tells the day's figures; without a bot they are in the log. */
export async function notify(
  ctx: TaskContext<{ batchDt?: string | undefined; since?: string | undefined }>,
): Promise<{ sent: boolean }> {
  const { batchDt } = batchOf(ctx);
  const db = await ctx.open(paymentsApp);
  const { rows } = await sql.run<DayFigures>(db, "summary/day_figures.sql", { batch_dt: batchDt });
  const [day] = rows;
  const { payments, gpv, revenue, rejected } = day ?? noFigures;
  const text = `Payments ${batchDt}: ${payments} payments, GPV ${gpv} BYN, revenue ${revenue} BYN, ${rejected} rows rejected`;
  const { sent } = await telegramMessage(ctx, { to: analysts, text });
  return { sent };
}
