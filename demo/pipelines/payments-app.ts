import { clickhouse } from "@tidemill/tasks/clickhouse";
import { postgres } from "@tidemill/tasks/postgres";
import { paymentsSummary } from "../../dags/payments_app/lib/summary.ts";
import type { Pipeline } from "./pipeline.ts";

/** The sample data ends on a Friday; the services would know other rates for it than the samples were made with. */
const today = "2024-06-29";
const offline = { providers: "offline" };

export const paymentsApp: Pipeline = {
  name: "payments_app",
  database: "payments_app",
  pass: [
    { dagId: "payments_init" },
    { dagId: "payments_generate_sources", params: { scale: "demo", pass: 1, today } },
    {
      dagId: "payments_dwh_daily",
      params: { ...offline, since: "2024-03-01", batchDt: "2024-06-27" },
    },
    { dagId: "payments_ad_report_weekly" },
    { dagId: "payments_generate_sources", params: { scale: "demo", pass: 2, today } },
    { dagId: "payments_dwh_daily", params: { ...offline, batchDt: "2024-06-28" } },
  ],
  async summary(connections, signal) {
    await using warehouse = await postgres("payments_app").open(
      connections["payments_app"] ?? "",
      signal,
    );
    await using marts = await clickhouse("clickhouse").open(
      connections["clickhouse"] ?? "",
      signal,
    );
    return await paymentsSummary(warehouse, marts);
  },
};
