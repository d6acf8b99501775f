import { dag } from "@tidemill/dag-core";
import { initSchema } from "./lib/init-schema.ts";

export default dag(
  "init_dwh",
  {
    description: "Creates the schemas etl, dq, raw and dds of the shop-events warehouse.",
    schedule: "@once",
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "5m",
    tags: ["shop_events", "init"],
  },
  ({ task }) => {
    task("init_schema", { timeout: "2m", run: initSchema });
  },
);
