import { dag } from "@tidemill/dag-core";
import { clickhouseSql } from "@tidemill/tasks/clickhouse";
import { marts } from "../connections.ts";

export default dag(
  "init_clickhouse",
  {
    description: "Creates the database data_mart and its ten tables in ClickHouse.",
    schedule: "@once",
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "5m",
    tags: ["shop_events", "init"],
  },
  ({ task }) => {
    task("init_marts", {
      timeout: "2m",
      run: (ctx) =>
        clickhouseSql(ctx, { on: marts, file: "shop_events/clickhouse/001_init_clickhouse.sql" }),
    });
  },
);
