import { overdueLoans } from "../../../connections.ts";
import type { LoadContext } from "../load-context.ts";
import { runSqlFile } from "../sql-file.ts";

export interface Measured {
  readonly sent: number;
  readonly suppressed: number;
  /** Notices whose seven days are over, and those of them whose payment was paid in full within. */
  readonly matured: number;
  readonly cured: number;
  /** Per cent with two decimals; null while no notice is ripe. */
  readonly cureRate: string | null;
  readonly costPerCured: string | null;
  /** Calls of the old policy less those of the staged one, over the days simulated. */
  readonly callsSaved: number;
}

interface ReportRow {
  readonly sent: number;
  readonly suppressed: number;
  readonly matured: number;
  readonly cured: number;
  readonly cure_rate: string | null;
  readonly cost_per_cured: string | null;
  readonly calls_saved: number;
}

/** Replays both policies over the days before the day, and notes how the notices do. */
export const measure = (
  ctx: LoadContext,
  day: string,
  { simulationDays = 365 }: { readonly simulationDays?: number },
): Promise<Measured> =>
  ctx.transaction(overdueLoans, "report", async (tx) => {
    const target = { target_table: "ops.notification_report" };
    await runSqlFile(tx, "../lib/transform/etl/prepare_load.sql", target);
    await runSqlFile(tx, "transform/ops/simulation.sql", { day, window_days: simulationDays });
    const { rows } = await runSqlFile<ReportRow>(tx, "transform/ops/notification_report.sql", {
      day,
    });
    const [row] = rows;
    if (row === undefined) throw new RangeError("the report has no row");
    const measured = {
      sent: row.sent,
      suppressed: row.suppressed,
      matured: row.matured,
      cured: row.cured,
      cureRate: row.cure_rate,
      costPerCured: row.cost_per_cured,
      callsSaved: row.calls_saved,
    };
    ctx.log.info("report", measured);
    return measured;
  });
