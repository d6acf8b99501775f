import { join } from "node:path";

import { createClient } from "@clickhouse/client";
import { describe, expect, test } from "@jest/globals";
import type { ServiceId, Stack, StackOptions } from "@tidemill/local";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";

import { findJava } from "../../packages/local/src/java.ts";
import { identify, waitForEnd } from "../../packages/local/src/processes.ts";
import { Restarts } from "../../packages/local/src/restarts.ts";
import { createTopic } from "../helpers/kafka-topic.ts";
import { killAll, stackDirectory, withStack } from "../helpers/stack-directory.ts";

const directory = stackDirectory();
const java = await findJava();
const limitMs = 60_000;

/** What a stack says, and the wait for a line of it. */
class Said {
  readonly lines: string[] = [];
  #waiting: (() => void)[] = [];

  readonly onProgress = (line: string): void => {
    this.lines.push(line);
    for (const look of this.#waiting) look();
  };

  async next(pattern: RegExp, from: number): Promise<void> {
    const found = Promise.withResolvers<void>();
    const late = AbortSignal.timeout(limitMs);
    late.addEventListener("abort", () => found.reject(new Error(this.lines.join("\n"))));
    const look = (): void => {
      if (this.lines.slice(from).some((line) => pattern.test(line))) found.resolve();
    };
    this.#waiting.push(look);
    look();
    await found.promise;
  }
}

interface Kept {
  readonly service: ServiceId;
  readonly up: RegExp;
  write(uri: string): Promise<void>;
  read(uri: string): Promise<unknown>;
}

async function sql(uri: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: uri });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

async function house<T>(
  url: string,
  use: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ url });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function kafka<T>(
  uri: string,
  use: (admin: ReturnType<Kafka["admin"]>) => Promise<T>,
): Promise<T> {
  const brokers = [uri.replace("kafka://", "")];
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

const postgres: Kept = {
  service: "postgres",
  up: /^PostgreSQL .* on 127/,
  write: async (uri) => void (await sql(uri, "create table kept as select 7 as answer")),
  read: (uri) => sql(uri, "select answer from kept"),
};
const clickhouse: Kept = {
  service: "clickhouse",
  up: /^ClickHouse .* on 127/,
  write: (uri) =>
    house(uri, async (client) => {
      await client.command({
        query: "create table kept engine = MergeTree order by n as select 7 as n",
      });
    }),
  read: (uri) =>
    house(uri, async (client) => {
      const found = await client.query({
        query: "select n from kept",
        format: "JSONCompactEachRow",
      });
      return (await found.json<number[]>()).flat();
    }),
};
const broker: Kept = {
  service: "kafka",
  up: /^Apache Kafka .* on 127/,
  write: (uri) => createTopic(uri, "kept"),
  read: (uri) =>
    kafka(uri, async (admin) =>
      (await admin.listTopics()).flatMap((name) => (name === "kept" ? 7 : [])),
    ),
};

const serverOf = (stack: Stack, service: ServiceId): number =>
  stack.processIds[service]?.at(-1) ?? 0;
const supervisorOf = (stack: Stack, service: ServiceId) =>
  identify(stack.processIds[service]?.[0] ?? 0);

interface Back {
  readonly hasSupervisorEnded: boolean;
  readonly said: readonly string[];
  readonly uris: readonly (string | undefined)[];
  readonly kept: unknown;
}

async function killedAndBack(kept: Kept, options: StackOptions = {}): Promise<Back> {
  const { service } = kept;
  const said = new Said();
  const given = { directory: join(directory, service), services: [service], ...options };
  return withStack({ ...given, onProgress: said.onProgress }, async (stack) => {
    const uri = stack.addresses.connections[service] ?? "";
    await kept.write(uri);
    const supervisor = supervisorOf(stack, service);
    const from = said.lines.length;
    await killAll([serverOf(stack, service)]);
    const hasSupervisorEnded = supervisor !== undefined && (await waitForEnd(supervisor, 10_000));
    await said.next(kept.up, from);
    return {
      hasSupervisorEnded,
      said: said.lines.slice(from, from + 2),
      uris: [uri, stack.addresses.connections[service]],
      kept: await kept.read(uri),
    };
  });
}

describe("a service that was killed comes back by itself, on its port and data", () => {
  const services = [postgres, clickhouse, ...(java.found ? [broker] : [])];
  test.each(services)("$service", async (service) => {
    const back = await killedAndBack(service, { kafka: "apache" });
    expect(back.hasSupervisorEnded).toBe(true);
    expect(back.said).toEqual([
      expect.stringMatching(/ ended: /),
      expect.stringMatching(/ is started again in 0\.5 s$/),
    ]);
    expect(back.uris[1]).toBe(back.uris[0]);
    expect(back.kept).toEqual([7]);
  });
});

test("a stack that is told not to leaves it down, and its supervisor ends", async () => {
  const said = new Said();
  const options = { directory: join(directory, "postgres"), services: ["postgres"] as const };
  const { onProgress } = said;
  await withStack({ ...options, restarts: false, onProgress }, async (stack) => {
    const from = said.lines.length;
    await killAll([serverOf(stack, "postgres")]);
    await said.next(/PostgreSQL ended/, from);
    expect(said.lines.slice(from)).toHaveLength(1);
  });
});

test("a service that keeps ending is started with longer waits, and then no more for a while", () => {
  const restarts = new Restarts();
  const waits = [0, 1, 2, 3, 4, 5].map((second) => restarts.next("kafka", second * 1_000));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, undefined]);
  expect(restarts.next("postgres", 6_000)).toBe(500);
  expect(restarts.next("kafka", 605_000)).toBe(500);
});
