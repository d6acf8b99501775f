import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ensureTopic, kafka } from "@tidemill/tasks/kafka";
import { parseKafkaUri } from "../../../packages/tasks/src/kafka/kafka-uri.ts";
import { testContext } from "@tidemill/dag-core/testing";
import {
  closedPort,
  kafkaAddress,
  kafkaIsReal,
  rejectionText,
} from "../../helpers/task-systems.ts";

const ref = kafka("events");
const signal = new AbortController().signal;

describe("parseKafkaUri", () => {
  test.each([
    ["kafka://localhost", { clientId: "tidemill", brokers: ["localhost:9092"] }],
    ["kafka://a:1,b:2/?clientId=etl", { clientId: "etl", brokers: ["a:1", "b:2"] }],
    ["kafka://a?ssl=true", { clientId: "tidemill", brokers: ["a:9092"], ssl: true }],
    [
      "kafka://us%40er:p%2Fw@a:1?mechanism=scram-sha-512",
      {
        clientId: "tidemill",
        brokers: ["a:1"],
        sasl: { mechanism: "scram-sha-512", username: "us@er", password: "p/w" },
      },
    ],
  ])("%s", async (uri, config) => {
    expect((await parseKafkaUri(uri)).config).toEqual(config);
  });

  test("takes certificates from files", async () => {
    const path = join(tmpdir(), `ca-${randomUUID()}.pem`);
    await writeFile(path, "pem");
    const { config } = await parseKafkaUri(`kafka://a?ssl=true&sslrootcert=${path}`);
    expect(config.ssl).toEqual({ ca: Buffer.from("pem") });
  });

  test.each([["kafka://"], ["http://a"], ["kafka://u:hidden@a?mechanism=md5"]])(
    "refuses %s without showing it",
    async (uri) => {
      const error = await rejectionText(parseKafkaUri(uri));
      expect(error).toContain("The Kafka URI");
      expect(error).not.toContain("hidden");
    },
  );
});

test("brokers that do not answer are named, with the remedy", async () => {
  const port = await closedPort();
  const opening = ref.open(`kafka://u:hidden@127.0.0.1:${port}`, signal);
  await expect(opening).rejects.toMatchObject({
    code: "TIDEMILL_CONNECTION_UNREACHABLE",
    message: `Kafka at 127.0.0.1:${port} cannot be reached (ECONNREFUSED); start it, or set TIDEMILL_CONN_EVENTS to brokers that run`,
  });
});

const suite = (await kafkaIsReal()) ? describe : describe.skip;
suite("Apache Kafka", () => {
  test("answers a connection test with its cluster", async () => {
    await expect(ref.test(await kafkaAddress(), signal)).resolves.toMatch(
      /^Kafka cluster .+, 1 broker/,
    );
  });

  test("ensureTopic creates once, with its retention, and says when the partitions differ", async () => {
    await using task = testContext({ connections: { events: await kafkaAddress() } });
    const topic = `t-${randomUUID()}`;
    const ensure = (partitions: number) =>
      ensureTopic(task, { on: ref, topic, partitions, retention: "1h" });
    expect(await ensure(2)).toEqual({ created: true, partitions: 2 });
    expect(await ensure(3)).toEqual({ created: false, partitions: 2 });
    expect(task.logs).toMatchObject([{ level: "warn" }]);
    const admin = await (await task.open(ref)).admin();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic, configNames: ["retention.ms"] }],
    });
    expect(resources[0]?.configEntries[0]?.configValue).toBe("3600000");
    await admin.deleteTopics({ topics: [topic] });
  });
});
