import {
  type Admin,
  Kafka,
  type KafkaConfig,
  logLevel,
  Partitioners,
  type Producer,
} from "kafkajs";
import { type System, unreachable } from "../unreachable.ts";
import type { KafkaHook, PartitionOffsets } from "./hook.ts";
import { parseKafkaUri } from "./kafka-uri.ts";

/** Long enough to live through the restart of a broker (up to 12 s), not longer: the task's retries follow. */
const patient = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 20 };
/** Whether anyone is there at all is answered sooner. */
const brief = { initialRetryTime: 100, maxRetryTime: 500, retries: 2 };
/** `disconnect` waits for the poll in flight. */
export const pollMs = 250;

const quiet: Partial<KafkaConfig> = {
  logLevel: logLevel.NOTHING,
  connectionTimeout: 3_000,
  authenticationTimeout: 5_000,
};
const connectionErrors = new Set([
  "KafkaJSConnectionError",
  "KafkaJSConnectionClosedError",
  "KafkaJSRequestTimeoutError",
  "KafkaJSBrokerNotFound",
  "KafkaJSSASLAuthenticationError",
  "KafkaJSNumberOfRetriesExceeded",
]);

/** Turns the client's connection errors into one that names the brokers; others stay as they are. */
export function kafkaError(system: System, error: unknown): unknown {
  if (!(error instanceof Error) || !connectionErrors.has(error.name)) return error;
  const cause = error.cause instanceof Error ? error.cause : error;
  if (error.name === "KafkaJSNumberOfRetriesExceeded" && !connectionErrors.has(cause.name)) {
    return error;
  }
  const refused = /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|ECONNRESET/.exec(cause.message);
  return unreachable(system, error, refused?.[0] ?? cause.message);
}

/** Offsets that `admin` reports, in the order of partitions. */
async function readOffsets(admin: Admin, topic: string): Promise<PartitionOffsets[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, earliest: low, end: high }))
    .sort((a, b) => a.partition - b.partition);
}

/** Opens the clients of one attempt; each is connected when it is first asked for. */
export async function openKafka(
  uri: string,
  remedy: string,
  signal: AbortSignal,
): Promise<KafkaHook> {
  const { config, address } = await parseKafkaUri(uri);
  const system = { system: "Kafka", address, remedy };
  const named = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw kafkaError(system, error);
    });
  await named(reachOnce(new Kafka({ ...config, ...quiet, retry: brief })));
  signal.throwIfAborted();
  const client = new Kafka({ ...config, ...quiet, retry: patient });
  let admin: Promise<Admin> | undefined;
  let producer: Promise<Producer> | undefined;
  const connectedAdmin = (): Promise<Admin> => (admin ??= named(connected(client.admin())));
  return {
    admin: connectedAdmin,
    producer: () => (producer ??= named(connected(producerOf(client)))),
    consumer: (options) =>
      client.consumer({ maxWaitTimeInMs: pollMs, allowAutoTopicCreation: false, ...options }),
    offsets: async (topic) => named(readOffsets(await connectedAdmin(), topic)),
    explain: (error) => kafkaError(system, error),
    address,
    [Symbol.asyncDispose]: async () => {
      const clients = await Promise.allSettled([admin, producer]);
      const live = clients.map((it) => (it.status === "fulfilled" ? it.value : undefined));
      await Promise.allSettled(live.map((it) => it?.disconnect()));
    },
  };
}

const producerOf = (client: Kafka): Producer =>
  client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });

async function connected<C extends Admin | Producer>(client: C): Promise<C> {
  await client.connect();
  return client;
}

async function reachOnce(client: Kafka): Promise<void> {
  const admin = client.admin();
  try {
    await admin.connect();
  } finally {
    await admin.disconnect();
  }
}
