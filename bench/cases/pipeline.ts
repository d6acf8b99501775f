import { postgres, type PostgresHook } from "@tidemill/tasks/postgres";
import ddsToClickhouse from "../../dags/shop_events/dds_to_clickhouse.ts";
import generateEvents from "../../dags/shop_events/generate_events_minutely.ts";
import initClickhouse from "../../dags/shop_events/init_clickhouse.ts";
import initDwh from "../../dags/shop_events/init_dwh.ts";
import kafkaToPostgres from "../../dags/shop_events/kafka_to_postgres.ts";
import rawToDds from "../../dags/shop_events/raw_to_dds_enhanced.ts";
import { figure, medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { landing, operators } from "../contenders/operators.ts";
import { memoryOf } from "../memory.ts";
import { type Connections, withOwnStack } from "../own-stack.ts";
import { countIn, rowsIn, runStages, secondsOf, timed } from "../stages.ts";

/** The floor of landing: the server copies the same rows from a file into a table like the one they landed in. */
async function copyFloor(db: PostgresHook, table: string): Promise<number> {
  const floor = "bench_floor";
  await db.query(`create table ${floor} (like ${table} including all)`);
  const { rows } = await db.query<{ folder: string }>(
    "select current_setting('data_directory') as folder",
  );
  const file = `${rows[0]?.folder ?? ""}/${floor}.copy`;
  const copied = await db.query(`copy ${table} to '${file}'`);
  const started = performance.now();
  await db.query(`copy ${floor} from '${file}'`);
  const seconds = (performance.now() - started) / 1_000;
  await db.query(`drop table ${floor}`);
  return copied.rowCount / seconds;
}

async function countOf(db: PostgresHook, table: string): Promise<number> {
  const { rows } = await db.query<{ n: string }>(`select count(*) as n from ${table}`);
  return Number(rows[0]?.n ?? 0);
}

/** The pipeline's own tasks. @returns what they gave, and how many messages came out of Kafka */
async function measurePipeline(connections: Connections, db: PostgresHook) {
  const consume = () => timed(kafkaToPostgres, "consume_and_save_batch", { connections });
  const { result, growth } = await memoryOf(consume, 0.1);
  const messages = rowsIn(result.output);
  const stored = await countOf(db, "raw.events");
  const dds = await runStages(rawToDds, { connections });
  const events = dds.find(({ taskId }) => taskId === "load_events");
  const rowsOf = (output: unknown) => countIn(output, "rowsOut");
  const loaded = await runStages(ddsToClickhouse, { connections, rowsOf });
  const sessions = loaded.find(({ taskId }) => taskId === "load_session_analytics");
  const rate = messages / result.seconds;
  return {
    messages,
    rate,
    figures: {
      "Kafka to raw, share of COPY": rate / (await copyFloor(db, "raw.events")),
      "memory of the consumer, late over early": growth,
      "raw to dds, load_events, events/s": stored / (events?.seconds ?? Number.NaN),
      "raw to dds, all tasks, events/s": stored / secondsOf(dds),
      "dds to ClickHouse, session_analytics, rows/s":
        (sessions?.rows ?? 0) / (sessions?.seconds ?? Number.NaN),
      "dds to ClickHouse, all marts, s": secondsOf(loaded),
    },
  };
}

async function measureOperators(connections: Connections, db: PostgresHook) {
  await db.query(landing.sql);
  const play = (taskId: string) => timed(operators, taskId, { connections });
  const read = await play("read");
  const landed = await play("land");
  const rows = countIn(landed.output, "rows");
  const copy = await copyFloor(db, landing.table);
  await play("target");
  const moved: Record<string, number> = {};
  for (const mode of ["push", "pull"]) {
    const { seconds } = await play(mode);
    const { output } = await play("count");
    moved[mode] = countIn(output, "rows") / seconds;
  }
  const { push = Number.NaN, pull = Number.NaN } = moved;
  return {
    rows,
    figures: {
      "reading alone, messages/s": countIn(read.output, "rows") / read.seconds,
      "landing as it comes, messages/s": rows / landed.seconds,
      "landing as it comes, share of COPY": rows / landed.seconds / copy,
      "COPY of the same rows, rows/s": copy,
      "Postgres to ClickHouse, push, rows/s": push,
      "Postgres to ClickHouse, pull, rows/s": pull,
      "pull, times push": pull / push,
    },
  };
}

/** On a stack of its own, for it needs Kafka and ClickHouse too. */
function playTidemill(_url: string, messages: number): Promise<Turn> {
  const stack = { databases: ["shop_events"], postgresSettings: { max_wal_size: "4GB" } };
  return withOwnStack(stack, async (connections) => {
    for (const one of [initDwh, initClickhouse]) await runStages(one, { connections });
    await runStages(generateEvents, { connections, params: { scale: "load" } });
    const { signal } = new AbortController();
    await using db = await postgres("shop_events").open(connections["shop_events"] ?? "", signal);
    const pipeline = await measurePipeline(connections, db);
    const alone = await measureOperators(connections, db);
    const done = Math.min(pipeline.messages, alone.rows, messages);
    return { value: pipeline.rate, done, figures: { ...pipeline.figures, ...alone.figures } };
  });
}

/** The rates of the shop-events pipeline at its `load` scale. */
export const pipeline: Contest = {
  name: "pipeline",
  what: "shop events at their load scale: Kafka to raw with every check, raw to dds, dds to ClickHouse; beside them the operators without the pipeline",
  piece: "messages",
  unit: "messages/s",
  isLessBetter: false,
  aims: [
    { what: "Kafka to raw, messages/s", of: medianTurn, least: 20_000 },
    {
      what: "landing, share of COPY's rate",
      of: figure("landing as it comes, share of COPY"),
      least: 0.8,
      wall: "the broker, the client and PostgreSQL share two cores while messages land, and COPY from a file has them alone: a million messages take 2.5 s of PostgreSQL's CPU, about the floor's, and 3.2 of the client's, of which reading them 2.3",
    },
    {
      what: "Kafka to raw with every check, share of COPY's rate",
      of: figure("Kafka to raw, share of COPY"),
    },
    {
      what: "raw to dds, load_events, events/s",
      of: figure("raw to dds, load_events, events/s"),
      least: 100_000,
      wall: "one PostgreSQL process: of its 13.4 s for 1,440,000 events 3.9 are the foreign key's look at each of the 991,000 rows inserted and 1.4 the index of sessions, which the warehouse promises; without the one it loads 136,000 events/s, without the other 107,000. Rows come sorted by user, judged by two processes, sorted in memory; neither loading in quarters nor temporary tables in memory saves a twentieth",
    },
    {
      what: "dds to ClickHouse, session_analytics, rows/s",
      of: figure("dds to ClickHouse, session_analytics, rows/s"),
      least: 200_000,
      wall: "203,000 on this machine when its processor gave a quarter more (push 635,000, load_events 92,000)",
    },
    {
      what: "Postgres to ClickHouse, push, rows/s",
      of: figure("Postgres to ClickHouse, push, rows/s"),
    },
    {
      what: "Postgres to ClickHouse, pull, rows/s",
      of: figure("Postgres to ClickHouse, pull, rows/s"),
    },
  ],
  minutes: 4,
  tidemill: { work: 2_000_000, play: playTidemill },
};
