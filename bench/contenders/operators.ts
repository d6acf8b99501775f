import { dag } from "@tidemill/dag-core";
import { clickhouseLoad, clickhouseQuery } from "@tidemill/tasks/clickhouse";
import { kafkaConsumeToPostgres } from "@tidemill/tasks/kafka";
import { events, marts, shopEvents } from "../../dags/connections.ts";
import { topic } from "../../dags/shop_events/lib/consume-and-save.ts";
import { countIn } from "../stages.ts";

/** Messages as they come, in a table with the constraint that makes them land once. */
export const landing = {
  table: "bench_landed",
  columns: ["kafka_partition", "kafka_offset", "body"],
  types: ["int4", "int8", "text"],
  sql: `create table bench_landed (
    kafka_partition int, kafka_offset bigint, body text not null, primary key (kafka_partition, kafka_offset)
  )`,
} as const;
const batchSize = 20_000;

/** The columns of raw.events that ClickHouse takes as they are. */
const wide = ["event_id", "user_id", "event_type", "city", "country", "lat", "lon", "timestamp"];
const target = "bench_events";
const targetSql = `create table ${target} (
  event_id UInt64, user_id Nullable(String), event_type Nullable(String), city Nullable(String),
  country Nullable(String), lat Nullable(Float64), lon Nullable(Float64), timestamp DateTime64(6)
) engine = MergeTree order by event_id`;

/** The operators by themselves, with nothing of the pipeline between the systems. */
export const operators = dag(
  "bench_operators",
  { schedule: null, startDate: "2026-01-01" },
  ({ task }) => {
    task("land", {
      run: (ctx) =>
        kafkaConsumeToPostgres(ctx, {
          from: events,
          into: shopEvents,
          topic,
          consumer: "bench",
          batchSize,
          write: async (tx, batch) => {
            const { table, columns, types } = landing;
            const rows = batch.map((m) => [m.partition, m.offset, m.value]);
            return { rows: await tx.copyFrom(table, columns, rows, { types }) };
          },
        }),
    });
    task("read", {
      run: (ctx) =>
        kafkaConsumeToPostgres(ctx, {
          from: events,
          into: shopEvents,
          topic,
          consumer: "bench_read",
          batchSize,
          write: (_tx, batch) => Promise.resolve({ rows: batch.length }),
        }),
    });
    for (const mode of ["push", "pull"] as const) {
      task(mode, {
        run: (ctx) =>
          clickhouseLoad(ctx, {
            from: shopEvents,
            to: marts,
            query: { sql: `select ${wide.map((name) => `"${name}"`).join(", ")} from raw.events` },
            table: target,
            columns: wide,
            swap: "exchange",
            mode,
          }),
      });
    }
    task("target", {
      run: async (ctx) => {
        await (await ctx.open(marts)).command(targetSql);
      },
    });
    task("count", {
      run: async (ctx) => {
        const sql = `select count() as rows from ${target}`;
        const [row] = await clickhouseQuery(ctx, { on: marts, sql });
        return { rows: countIn(row, "rows") };
      },
    });
  },
);
