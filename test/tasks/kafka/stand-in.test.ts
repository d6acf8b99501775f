import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { type Stack, startStack } from "@tidemill/local";
import {
  ensureTopic,
  kafka,
  kafkaConsumeToPostgres,
  kafkaHasNew,
  kafkaProduce,
} from "@tidemill/tasks/kafka";
import { postgres } from "@tidemill/tasks/postgres";
import { postgresAddress } from "../../helpers/task-systems.ts";

const from = kafka("events");
const into = postgres("raw");
const topic = "tasks_stand_in";
let directory: string;
let stack: Stack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemill-stand-in-"));
  stack = await startStack({
    directory,
    services: ["kafka"],
    kafka: "mokapi",
    topics: { [topic]: 3 },
    ports: { kafka: 0 },
  });
});
afterAll(async () => {
  await stack.stop();
  await rm(directory, { recursive: true });
});

test("a broker without idempotence and without a list of groups serves all that a pipeline does", async () => {
  const connections = {
    events: stack.addresses.connections["kafka"] ?? "",
    raw: await postgresAddress(),
  };
  await using task = testContext({ connections });
  const reader = { topic, consumer: "stand_in", into };
  const messages = Array.from({ length: 30 }, (_, n) => ({ key: String(n), value: String(n) }));
  await ensureTopic(task, { on: from, topic, partitions: 3 });
  for (let run = 0; run < 2; run += 1) {
    await kafkaProduce(task, { to: from, topic, messages, batchSize: 10 });
    expect(await kafkaHasNew(task, { on: from, ...reader })).toMatchObject({ lag: 30 });
    const values: string[] = [];
    const result = await kafkaConsumeToPostgres(task, {
      ...reader,
      from,
      write: async (_tx, batch) => {
        values.push(...batch.map(({ value }) => String(value)));
        return { rows: batch.length };
      },
    });
    expect(result).toMatchObject({ messages: 30, complete: true });
    expect(new Set(values).size).toBe(30);
    expect(await kafkaHasNew(task, { on: from, ...reader })).toBeUndefined();
  }
  const sql = "delete from etl.kafka_offsets where consumer = 'stand_in'";
  await (await task.open(into)).query(sql);
});
