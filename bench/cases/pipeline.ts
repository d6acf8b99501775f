import type { Dag } from "@tidemill/dag-core";
import { runTask } from "@tidemill/dag-core/testing";
import { postgres, type PostgresHook } from "@tidemill/tasks/postgres";
import ddsToClickhouse from "../../dags/shop_events/dds_to_clickhouse.ts";
import generateEvents from "../../dags/shop_events/generate_events_minutely.ts";
import initClickhouse from "../../dags/shop_events/init_clickhouse.ts";
import initDwh from "../../dags/shop_events/init_dwh.ts";
import kafkaToPostgres from "../../dags/shop_events/kafka_to_postgres.ts";
import rawToDds from "../../dags/shop_events/raw_to_dds_enhanced.ts";
import type { BenchCase, Measurement } from "../bench.ts";
import { memoryOf } from "../memory.ts";
import { type Connections, withOwnStack } from "../own-stack.ts";

interface Timed {
  readonly output: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

/** Runs the tasks of a DAG one after another, as its runs do, and fails with the first that fails. */
async function timed(
  dag: Dag,
  taskId: string,
  connections: Connections,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Timed> {
  const started = performance.now();
  const result = await runTask(dag, taskId, { connections, params });
  const seconds = (performance.now() - started) / 1_000;
  if (result.state !== "success") {
    throw new Error(`${dag.dagId}.${taskId} ended as ${result.state}: ${result.error?.message}`);
  }
  const output = result.output;
  return { seconds, output: typeof output === "object" && output !== null ? { ...output } : {} };
}

async function all(dag: Dag, connections: Connections): Promise<ReadonlyMap<string, Timed>> {
  const results = new Map<string, Timed>();
  for (const { taskId } of dag.manifest.tasks) {
    results.set(taskId, await timed(dag, taskId, connections));
  }
  return results;
}

async function countOf(db: PostgresHook, table: string): Promise<number> {
  const { rows } = await db.query<{ n: string }>(`select count(*) as n from ${table}`);
  return Number(rows[0]?.n ?? 0);
}

/** The floor of landing: the same rows copied from table to table by the server itself. */
async function copyFloor(db: PostgresHook, rows: number): Promise<number> {
  await db.query("create table bench_floor (like raw.events including defaults)");
  const started = performance.now();
  await db.query("insert into bench_floor select * from raw.events");
  const seconds = (performance.now() - started) / 1_000;
  await db.query("drop table bench_floor");
  return rows / seconds;
}

const rate = (rows: number, seconds: number): number => Math.round(rows / seconds);

async function run(report: (line: string) => void): Promise<readonly Measurement[]> {
  const options = { databases: ["shop_events"], onProgress: report };
  return withOwnStack(options, (connections) => measure(connections, report));
}

async function measure(
  connections: Connections,
  report: (line: string) => void,
): Promise<readonly Measurement[]> {
  for (const dag of [initDwh, initClickhouse]) await all(dag, connections);
  const [generate] = generateEvents.manifest.tasks;
  const produced = await timed(generateEvents, generate?.taskId ?? "", connections, {
    scale: "load",
  });
  report(`produced ${JSON.stringify(produced.output)} in ${produced.seconds.toFixed(1)} s`);
  const consume = () => timed(kafkaToPostgres, "consume_and_save_batch", connections);
  const consumed = await memoryOf(consume, 0.1);
  const signal = new AbortController().signal;
  await using db = await postgres("shop_events").open(connections["shop_events"] ?? "", signal);
  const messages = Number(consumed.result.output["rowsIn"] ?? 0);
  const events = await countOf(db, "raw.events");
  const floor = await copyFloor(db, events);
  const dds = await all(rawToDds, connections);
  const marts = await all(ddsToClickhouse, connections);
  const sessions = [...marts].find(([taskId]) => taskId.includes("session"))?.[1];
  const loadEvents = dds.get("load_events");
  const ddsSeconds = [...dds.values()].reduce((sum, one) => sum + one.seconds, 0);
  const sessionRows = Number(sessions?.output["rowsOut"] ?? 0);
  return [
    {
      what: "Kafka to raw",
      unit: "messages/s",
      value: rate(messages, consumed.result.seconds),
      target: 20_000,
    },
    {
      what: "Kafka to raw, of the server's own copy of raw.events",
      unit: "ratio",
      value: messages / consumed.result.seconds / floor,
    },
    {
      what: "memory of the consumer, late over early",
      unit: "ratio",
      value: consumed.growth,
    },
    {
      what: "raw to dds, load_events",
      unit: "events/s",
      value: rate(events, loadEvents?.seconds ?? Infinity),
      target: 100_000,
    },
    { what: "raw to dds, all tasks", unit: "events/s", value: rate(events, ddsSeconds) },
    {
      what: "dds to ClickHouse, session_analytics",
      unit: "rows/s",
      value: rate(sessionRows, sessions?.seconds ?? Infinity),
      target: 200_000,
    },
  ];
}

/** The rates of the shop-events pipeline at its `load` scale: two million messages. */
export const pipeline: BenchCase = { name: "pipeline", run };
