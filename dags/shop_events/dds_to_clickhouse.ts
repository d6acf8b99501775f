import { dag, type TaskRef } from "@tidemill/dag-core";
import { z } from "zod";
import { martNames } from "./lib/marts.ts";
import { transferTable } from "./lib/transfer-table.ts";

export default dag(
  "dds_to_clickhouse",
  {
    description: "Fills the ten marts of ClickHouse from dds, one after the other.",
    schedule: "@daily",
    startDate: "2024-01-01",
    catchup: "latest",
    maxActiveRuns: 1,
    timeout: "2h",
    tags: ["shop_events", "marts"],
    alerts: { onFailure: true, onSuccess: true },
    params: z.object({
      /** Cuts values out of range instead of flagging them only; sums no longer agree with dds then. */
      clipOutliers: z.boolean().default(false),
      /** The day up to which the marts look. Defaults to the end of the data interval. */
      asOf: z.iso.date().optional(),
    }),
    defaults: { retries: 1, retryDelay: "5m", timeout: "20m" },
  },
  ({ task }) => {
    let previous: readonly TaskRef[] = [];
    for (const mart of martNames) {
      const loaded = task(`load_${mart}`, {
        after: previous,
        run: (ctx) => transferTable(ctx, mart, ctx.params),
      });
      previous = [loaded];
    }
  },
);
