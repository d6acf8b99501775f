import type { JsonValue } from "@tidemill/dag-core";
import type { Stack } from "@tidemill/local";
import { clickhouse } from "@tidemill/tasks/clickhouse";
import { postgres } from "@tidemill/tasks/postgres";
import { shopEventsSummary } from "../dags/shop_events/lib/summary.ts";

export interface Headline {
  readonly label: string;
  readonly value: string;
}

/** What a pipeline has stored, and whether it agrees. */
export interface Summary {
  readonly rows: Readonly<Record<string, number>>;
  readonly reconciled: boolean;
  readonly problems: readonly string[];
  readonly headlines: readonly Headline[];
}

/** A pipeline as `npm start` shows it: the DAGs of a first pass, in order, and a look at what came of it. */
export interface Pipeline {
  readonly name: string;
  readonly database: string;
  readonly pass: readonly { readonly dagId: string; readonly params?: JsonValue }[];
  summary(connections: Stack["addresses"]["connections"], signal: AbortSignal): Promise<Summary>;
}

const shopEvents: Pipeline = {
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
    return shopEventsSummary(warehouse, marts);
  },
};

export const pipelines: readonly Pipeline[] = [shopEvents];
