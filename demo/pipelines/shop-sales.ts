import { postgres } from "@tidemill/tasks/postgres";
import { daysOfIncrements, demoSample } from "../../dags/shop_sales/lib/generator/sample.ts";
import { shopSalesSummary } from "../../dags/shop_sales/lib/summary.ts";
import { startReportApi } from "../services/report-api.ts";
import { sampleReports } from "../services/sample-reports.ts";
import type { Pipeline } from "./pipeline.ts";

/** The service of the demo makes its report in no time; there is nothing to wait for. */
const pollEvery = "50ms";

export const shopSales: Pipeline = {
  name: "shop_sales",
  database: "shop_sales",
  services: { shop_reports: () => startReportApi({ source: sampleReports(demoSample) }) },
  pass: [
    { dagId: "upload_hist_data", params: { pollEvery } },
    ...daysOfIncrements(demoSample).map((date) => ({
      dagId: "upload_inc_data",
      params: { date, pollEvery },
    })),
  ],
  async summary(connections, signal) {
    const address = connections["shop_sales"] ?? "";
    await using warehouse = await postgres("shop_sales").open(address, signal);
    return await shopSalesSummary(warehouse);
  },
};
