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
]);

/** What the client's retries wrap: the connection error at the end of the causes, if there is one. */
function connectionCause(error: unknown, depth = 0): Error | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  if (connectionErrors.has(error.name)) return error;
  return connectionCause(error.cause, depth + 1);
}

/** Turns the client's connection errors into one that names the brokers; others stay as they are. */
function kafkaError(system: System, error: unknown): unknown {
  const cause = connectionCause(error);
  if (cause === undefined) return error;
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
    producer: () => (producer ??= named(connectedAdmin().then((it) => producerFor(client, it)))),
    consumer: (options) =>
      client.consumer({ maxWaitTimeInMs: pollMs, allowAutoTopicCreation: false, ...options }),
    offsets: async (topic) => named(readOffsets(await connectedAdmin(), topic)),
    explain: (error) => kafkaError(system, error),
    address,
    [Symbol.asyncDispose]: async () => {
      const [liveAdmin, liveProducer] = await Promise.allSettled([
        admin ?? Promise.resolve(undefined),
        producer ?? Promise.resolve(undefined),
      ]);
      if (liveAdmin.status === "fulfilled") await liveAdmin.value?.disconnect();
      if (liveProducer.status === "fulfilled") await liveProducer.value?.disconnect();
    },
  };
}

/** Whether brokers know groups and producers as Apache Kafka does; a stand-in for development may not. */
export async function isStandIn(admin: Admin): Promise<boolean> {
  return admin.describeGroups(["tidemill"]).then(
    () => false,
    (error: unknown) => String(error).includes("does not support the requested API"),
  );
}

async function producerFor(client: Kafka, admin: Admin): Promise<Producer> {
  const options = {
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  };
  // A stand-in refuses the second batch of an idempotent producer.
  const guard = (await isStandIn(admin)) ? {} : { idempotent: true, maxInFlightRequests: 1 };
  return connected(client.producer({ ...options, ...guard }));
}

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
