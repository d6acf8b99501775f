import { clickhouse } from "@tidemill/tasks/clickhouse";
import { postgres } from "@tidemill/tasks/postgres";
import { shopEventsSummary } from "../../dags/shop_events/lib/summary.ts";
import type { Pipeline } from "./pipeline.ts";

export const shopEvents: Pipeline = {
  name: "shop_events",
  database: "shop_events",
  pass: [
    { dagId: "init_dwh" },
    { dagId: "init_clickhouse" },
    { dagId: "generate_events_minutely", params: { scale: "demo" } },
    { dagId: "kafka_to_postgres" },
    { dagId: "raw_to_dds_enhanced" },
    { dagId: "dds_to_clickhouse" },
  ],
  async summary(connections, signal) {
    await using warehouse = await postgres("shop_events").open(
      connections["shop_events"] ?? "",
      signal,
    );
    await using marts = await clickhouse("clickhouse").open(
      connections["clickhouse"] ?? "",
      signal,
    );
    return await shopEventsSummary(warehouse, marts);
  },
};
