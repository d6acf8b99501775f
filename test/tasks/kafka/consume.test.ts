import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  ensureTopic,
  kafka,
  kafkaConsumeToPostgres,
  type KafkaConsumeToPostgresOptions,
  kafkaHasNew,
  type KafkaMessage,
  type StoreBatch,
  kafkaProduce,
} from "@tidemill/tasks/kafka";
import { postgres, type PostgresTransaction } from "@tidemill/tasks/postgres";
import { type TestContext, testContext } from "@tidemill/dag-core/testing";
import { kafkaAddress, kafkaIsReal, postgresAddress } from "../../helpers/task-systems.ts";

/** Skipped without Apache Kafka: topics are deleted, shortened and created anew here. */
const suite = (await kafkaIsReal()) ? describe : describe.skip;
const from = kafka("events");
const into = postgres("raw");
let uris: Record<string, string>;
let task: TestContext<{}, {}>;
let topic: string;
let abort: AbortController;

beforeAll(async () => {
  uris = { events: await kafkaAddress(), raw: await postgresAddress() };
  await using setup = testContext({ connections: uris });
  const pg = await setup.open(into);
  await pg.named(
    "drop schema if exists tasks_kafka cascade; create schema tasks_kafka; create table tasks_kafka.message (id bigint generated always as identity, topic text, partition int, kafka_offset bigint, value text)",
  );
});
beforeEach(() => {
  abort = new AbortController();
  task = testContext({ connections: uris, signal: abort.signal });
  topic = `t-${randomUUID()}`;
});
afterEach(async () => {
  const admin = await (await task.open(from)).admin();
  if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
  await task[Symbol.asyncDispose]();
});
afterAll(async () => {
  await using last = testContext({ connections: uris });
  await (await last.open(into)).query("drop schema tasks_kafka cascade");
});

const create = (partitions = 3) => ensureTopic(task, { on: from, topic, partitions });
const numbers = (count: number, start = 0) =>
  Array.from({ length: count }, (_, i) => ({ key: String(i % 7), value: `m${start + i}` }));
/** A producer of its own each time: one that knew a topic before would not know the topic created anew. */
const produce = async (count: number, start = 0) => {
  await using sender = testContext({ connections: uris });
  return await kafkaProduce(sender, { to: from, topic, messages: numbers(count, start) });
};
const write = async (tx: PostgresTransaction, batch: readonly KafkaMessage[]) => ({
  rows: await tx.copyFrom(
    "tasks_kafka.message",
    ["topic", "partition", "kafka_offset", "value"],
    batch.map(({ partition, offset, value }) => [topic, partition, offset, value]),
    { types: ["text", "int4", "int8", "text"] },
  ),
});
const consume = (options: Partial<KafkaConsumeToPostgresOptions> = {}, ctx = task) =>
  kafkaConsumeToPostgres(ctx, {
    from,
    topic,
    consumer: "raw",
    into,
    batchSize: 1_000,
    write,
    ...options,
  });
const consumePrepared = (prepare: (batch: readonly KafkaMessage[]) => StoreBatch) =>
  kafkaConsumeToPostgres(task, { from, topic, consumer: "raw", into, batchSize: 1_000, prepare });
const hasNew = () => kafkaHasNew(task, { on: from, topic, consumer: "raw", into });
const stored = async (): Promise<{ rows: number; distinct: number }> => {
  const pg = await task.open(into);
  const { rows } = await pg.named<{ rows: number; distinct: number }>(
    "select count(*)::int as rows, count(distinct (partition, kafka_offset))::int as distinct from tasks_kafka.message where topic = @topic",
    { topic },
  );
  return rows[0] ?? { rows: -1, distinct: -1 };
};
const recreate = async (partitions = 3): Promise<void> => {
  const admin = await (await task.open(from)).admin();
  await admin.deleteTopics({ topics: [topic] });
  for (let i = 0; i < 1_000 && (await admin.listTopics()).includes(topic); i += 1);
  await create(partitions);
};

suite("reading to the end", () => {
  test("every message once, in order, in batches, and nothing the second time", async () => {
    await create();
    await produce(5_000);
    expect(await hasNew()).toMatchObject({ lag: 5_000 });
    const seen: KafkaMessage[] = [];
    const result = await consume({
      write: async (tx, batch) => {
        seen.push(...batch);
        const sorted = [...batch].sort(
          (a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)),
        );
        expect(batch).toEqual(sorted);
        return write(tx, batch);
      },
    });
    expect(result).toEqual({
      messages: 5_000,
      rows: 5_000,
      rejected: 0,
      batches: 5,
      partitions: 3,
      lost: 0,
      complete: true,
    });
    expect(new Set(seen.map(({ value }) => value?.toString())).size).toBe(5_000);
    expect(seen[0]).toMatchObject({
      key: expect.any(Buffer),
      timestamp: expect.stringMatching(/^\d{13}$/),
    });
    expect(await hasNew()).toBeUndefined();
    expect(await consume()).toMatchObject({ messages: 0, batches: 0, complete: true });
    await produce(10, 5_000);
    expect(await consume()).toMatchObject({ messages: 10, complete: true });
    expect(await stored()).toEqual({ rows: 5_010, distinct: 5_010 });
  });

  test("topics that are created at once by many are known when their creation has ended", async () => {
    const names = Array.from({ length: 40 }, (_, n) => `${topic}-${n}`);
    const made = names.map((name) => ensureTopic(task, { on: from, topic: name, partitions: 2 }));
    expect(await Promise.all(made)).toEqual(names.map(() => ({ created: true, partitions: 2 })));
    const admin = await (await task.open(from)).admin();
    await admin.deleteTopics({ topics: names });
  });

  test("an empty topic, tombstones, messages without a key, counts of rejects", async () => {
    await create(1);
    expect(await consume()).toMatchObject({ messages: 0, complete: true });
    const producer = await (await task.open(from)).producer();
    await producer.send({ topic, messages: [{ value: null, key: "k" }, { value: "ö" }] });
    const batches: (readonly KafkaMessage[])[] = [];
    const result = await consume({
      write: async (_tx, batch) => {
        batches.push(batch);
        return { rows: 1, rejected: 1 };
      },
    });
    expect(result).toMatchObject({ messages: 2, rows: 1, rejected: 1, batches: 1, partitions: 1 });
    expect(batches[0]).toMatchObject([
      { partition: 0, offset: "0", key: Buffer.from("k"), value: null },
      { partition: 0, offset: "1", key: null, value: Buffer.from("ö") },
    ]);
  });

  test("messages that arrive meanwhile are left for the next run", async () => {
    await create(1);
    await produce(1_500);
    let late = 0;
    const result = await consume({
      write: async (tx, batch) => {
        if (late === 0) late = (await produce(100, 1_500)).messages;
        return write(tx, batch);
      },
    });
    expect(result.messages).toBe(1_500);
    expect(await hasNew()).toEqual({ lag: 100, byPartition: { 0: 100 } });
  });

  test("maxDuration ends after the batch in hand, and the rest follows", async () => {
    await create();
    await produce(3_000);
    const first = await consume({ maxDuration: "1ms" });
    expect(first).toMatchObject({ batches: 1, complete: false });
    expect(await consume()).toMatchObject({ messages: 3_000 - first.messages, complete: true });
    expect(await stored()).toEqual({ rows: 3_000, distinct: 3_000 });
  });
});

suite("exactly once", () => {
  test("a crash between batches keeps what was committed and repeats nothing", async () => {
    await create();
    await produce(3_000);
    let batches = 0;
    const crashing = consume({
      write: async (tx, batch) => {
        const result = await write(tx, batch);
        batches += 1;
        if (batches === 2) throw new Error("crash");
        return result;
      },
    });
    await expect(crashing).rejects.toThrow("crash");
    expect(await stored()).toEqual({ rows: 1_000, distinct: 1_000 });
    expect(await consume()).toMatchObject({ messages: 2_000 });
    expect(await stored()).toEqual({ rows: 3_000, distinct: 3_000 });
  });

  test("one batch is stored at a time, and a task that fails leaves none under way", async () => {
    await create();
    await produce(4_000);
    let underWay = 0;
    let most = 0;
    const crashing = consume({
      batchSize: 500,
      write: async (tx, batch) => {
        underWay += 1;
        most = Math.max(most, underWay);
        const result = await write(tx, batch);
        await tx.query("select pg_sleep(0.05)");
        underWay -= 1;
        if (batch.some(({ value }) => value?.toString() === "m3900")) throw new Error("crash");
        return result;
      },
    });
    await expect(crashing).rejects.toThrow("crash");
    expect({ underWay, most }).toEqual({ underWay: 0, most: 1 });
    const { rows } = await stored();
    expect((await consume()).messages).toBe(4_000 - rows);
    expect(await stored()).toEqual({ rows: 4_000, distinct: 4_000 });
  });

  test("a batch is prepared while the one before is stored; one that cannot be leaves it whole", async () => {
    await create();
    await produce(3_000);
    const steps: string[] = [];
    let batches = 0;
    const failing = consumePrepared((batch) => {
      batches += 1;
      const number = batches;
      steps.push(`prepare ${number}`);
      if (number === 3) throw new Error("cannot be prepared");
      return async (tx) => {
        const result = await write(tx, batch);
        await tx.query("select pg_sleep(0.2)");
        steps.push(`stored ${number}`);
        return result;
      };
    });
    await expect(failing).rejects.toThrow("cannot be prepared");
    expect(steps.indexOf("prepare 2")).toBeLessThan(steps.indexOf("stored 1"));
    const { rows } = await stored();
    expect(rows).toBe(steps.filter((step) => step.startsWith("stored")).length * 1_000);
    expect((await consumePrepared((batch) => (tx) => write(tx, batch))).messages).toBe(
      3_000 - rows,
    );
    expect(await stored()).toEqual({ rows: 3_000, distinct: 3_000 });
  });

  test("two readers at once: the one overtaken rolls back, every message is stored once", async () => {
    await create();
    await produce(4_000);
    await using other = testContext({ connections: uris });
    let overtaken = false;
    const zombie = consume({
      write: async (tx, batch) => {
        if (!overtaken) {
          overtaken = true;
          await consume({}, other);
        }
        return write(tx, batch);
      },
    });
    await expect(zombie).rejects.toThrow(
      `Consumer "raw" of Kafka topic "${topic}" is read by another process too (0 of `,
    );
    expect(await stored()).toEqual({ rows: 4_000, distinct: 4_000 });
  });

  test("abort stops it and stores nothing half", async () => {
    await create();
    await produce(5_000);
    const stopping = consume({
      write: async (tx, batch) => {
        const result = await write(tx, batch);
        abort.abort(new Error("stop"));
        return result;
      },
    });
    await expect(stopping).rejects.toThrow("stop");
    await using next = testContext({ connections: uris });
    expect((await consume({}, next)).messages).toBe(5_000);
  });

  test("a retry after the brokers' offsets were lost starts from the database's", async () => {
    await create();
    await produce(100);
    await consume();
    const admin = await (await task.open(from)).admin();
    await admin.deleteGroups(["raw"]).catch(() => undefined);
    await produce(5, 100);
    expect(await consume()).toMatchObject({ messages: 5 });
  });
});

suite("a topic that changed", () => {
  test("created anew, and shorter: fails, or starts over when told", async () => {
    await create();
    await produce(1_000);
    await consume();
    await recreate();
    await produce(10, 9_000);
    await expect(consume()).rejects.toThrow(
      /is not the one that consumer "raw" read before: partition \d ends at/,
    );
    expect(await hasNew()).toBeDefined();
    expect(await consume({ onRecreated: "restart" })).toMatchObject({
      messages: 10,
      complete: true,
    });
    await produce(5, 9_010);
    expect(await consume()).toMatchObject({ messages: 5 });
  });

  test("created anew, and already as long: the last message taken is not the same", async () => {
    await create(1);
    await produce(100);
    await consume();
    await recreate(1);
    await produce(150, 500);
    await expect(consume()).rejects.toMatchObject({
      code: "TIDEMILL_STATE_REFUSED",
      message: expect.stringContaining("partition 0 has another message at offset 99"),
    });
    expect(await consume({ onRecreated: "restart" })).toMatchObject({ messages: 150 });
  });

  test("created anew with fewer partitions", async () => {
    await create(3);
    await produce(100);
    await consume();
    await recreate(1);
    await produce(10);
    await expect(consume()).rejects.toThrow("partition 1 is gone");
    expect(await consume({ onRecreated: "restart" })).toMatchObject({ messages: 10 });
    expect(await consume()).toMatchObject({ messages: 0 });
  });

  test("messages dropped before they were read are counted", async () => {
    await create(1);
    await produce(100);
    await consume();
    await produce(100, 100);
    const admin = await (await task.open(from)).admin();
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "150" }] });
    await expect(consume()).rejects.toThrow("short of 50 messages that consumer");
    expect(await consume({ onGap: "warn" })).toMatchObject({ messages: 50, lost: 50 });
    expect(await consume()).toMatchObject({ messages: 0, lost: 0 });
  });

  test("does not exist", async () => {
    await expect(consume()).rejects.toThrow(`Kafka topic "${topic}" does not exist at`);
    await expect(produce(1)).rejects.toThrow(`Kafka topic "${topic}" does not exist at`);
    expect(await hasNew()).toBeUndefined();
  });
});
