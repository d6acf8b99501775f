import { dag } from "@tidemill/dag-core";
import { initMarts, initSchema } from "./lib/init.ts";

export default dag(
  "payments_init",
  {
    description: "Creates the warehouse of the payments app, its procedures and its marts.",
    schedule: "@once",
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "10m",
    tags: ["payments_app", "init"],
  },
  ({ task }) => {
    task("init_schema", { timeout: "5m", run: initSchema });
    task("init_marts", { timeout: "2m", run: initMarts });
  },
);
