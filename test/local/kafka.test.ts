import { join } from "node:path";

import { afterEach, describe, expect, test } from "@jest/globals";
import type { Stack } from "@tidemill/local";
import { Kafka, logLevel, type Consumer, type Producer } from "kafkajs";

import { findJava } from "../../packages/local/src/java.ts";
import { createTopic } from "../helpers/kafka-topic.ts";
import { killAll, stackDirectory, withStack } from "../helpers/stack-directory.ts";

const directory = stackDirectory();
const services = ["kafka"] as const;
const java = await findJava();
const mustRun = process.env["TIDEMILL_TEST_KAFKA"] === "apache";
// Without Java there is no Apache Kafka to test; the continuous build turns this into a failure.
const describeApache = java.found || mustRun ? describe : describe.skip;
const describeStandIn = mustRun ? describe.skip : describe;

const uriOf = (stack: Stack): string => stack.addresses.connections["kafka"] ?? "";

function connect(stack: Stack): Kafka {
  const broker = uriOf(stack).replace("kafka://", "");
  const retry = { retries: 30, maxRetryTime: 1000 };
  return new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry });
}

async function topics(stack: Stack): Promise<string[]> {
  const admin = connect(stack).admin();
  await admin.connect();
  const names = await admin.listTopics();
  await admin.disconnect();
  return names;
}

async function withProducer(
  producer: Producer,
  use: (producer: Producer) => Promise<unknown>,
): Promise<void> {
  await producer.connect();
  try {
    await use(producer);
  } finally {
    await producer.disconnect();
  }
}

async function consume(consumer: Consumer, topic: string, count: number): Promise<string[]> {
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
      values.push(String(message.value));
      if (values.length >= count) resolve();
      return Promise.resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return values.sort();
}

const reader = (kafka: Kafka, groupId: string): Consumer =>
  kafka.consumer({ groupId, maxWaitTimeInMs: 200, readUncommitted: false });

const given = ["TIDEMILL_MAVEN_REPOSITORY", "TIDEMILL_CACHE"].map((name) => {
  return [name, process.env[name]] as const;
});

afterEach(() => {
  for (const [name, value] of given) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

/** A repository where nobody answers, and a cache without jars. */
function hideJars(): void {
  process.env["TIDEMILL_MAVEN_REPOSITORY"] = "http://127.0.0.1:1";
  process.env["TIDEMILL_CACHE"] = join(directory, "no-cache");
}

describeApache("Apache Kafka", () => {
  test("is refused without its jars, with the address and the way out", async () => {
    hideJars();
    const options = { directory: join(directory, "no-jars"), services };
    await expect(withStack({ ...options, kafka: "apache" }, topics)).rejects.toMatchObject({
      code: "TIDEMILL_LOCAL_JAR_MISSING",
      message: expect.stringMatching(/127\.0\.0\.1:1.*TIDEMILL_MAVEN_REPOSITORY/) as unknown,
    });
  });

  test("produces, consumes, commits, aborts, keeps all through a kill, drops it when fresh", async () => {
    const topic = "kept";
    const options = { directory: join(directory, "apache"), services };
    await withStack(options, async (stack) => {
      expect(stack.addresses).toMatchObject({ kafkaKind: "apache", limits: [] });
      const kafka = connect(stack);
      await createTopic(uriOf(stack), topic, 2);
      await withProducer(kafka.producer({ idempotent: true }), (producer) =>
        producer.send({ topic, acks: -1, messages: [{ value: "a" }, { value: "b" }] }),
      );
      const transactional = { transactionalId: "t", idempotent: true, maxInFlightRequests: 1 };
      await withProducer(kafka.producer(transactional), async (producer) => {
        const aborted = await producer.transaction();
        await aborted.send({ topic, messages: [{ value: "never" }] });
        await aborted.abort();
        const committed = await producer.transaction();
        await committed.send({ topic, messages: [{ value: "c" }] });
        await committed.commit();
      });
      expect(await consume(reader(kafka, "first"), topic, 3)).toEqual(["a", "b", "c"]);

      await killAll(stack.processIds.kafka);
      await stack.restart("kafka");
      expect(await consume(reader(connect(stack), "second"), topic, 3)).toEqual(["a", "b", "c"]);
      expect(await topics(stack)).toContain(topic);
    });
    expect(await withStack({ ...options, fresh: true }, topics)).toEqual([]);
  });
});

describeStandIn("the stand-in", () => {
  test("takes the place of a broker whose jars cannot be read, and says so", async () => {
    hideJars();
    const options = { directory: join(directory, "hidden"), services };
    const addresses = await withStack(options, (stack) => Promise.resolve(stack.addresses));
    expect(addresses.kafkaKind).toBe("mokapi");
    expect(addresses.limits[0]).toMatch(/not Apache Kafka: (Jar|Java)/);
  });

  test("works without Java and names its limits", async () => {
    const options = { directory: join(directory, "mokapi"), services, topics: { declared: 1 } };
    await withStack({ ...options, kafka: "mokapi" }, async (stack) => {
      expect(stack.addresses.kafkaKind).toBe("mokapi");
      expect(stack.addresses.limits.join("\n")).toMatch(/stand-in.*memory.*transactions/s);
      const kafka = connect(stack);
      await withProducer(kafka.producer(), (producer) =>
        producer.send({ topic: "declared", messages: [{ value: "a" }, { value: "b" }] }),
      );
      expect(await consume(reader(kafka, "group"), "declared", 2)).toEqual(["a", "b"]);
    });
  });
});

test("Java is looked for in JAVA_HOME, then on the path, and its lack is told", async () => {
  const nowhere = await findJava({ JAVA_HOME: "/nowhere", PATH: "/nowhere" });
  expect(nowhere).toEqual({
    found: false,
    reason: '"/nowhere/bin/java" does not run, "java" does not run',
  });
});
