import {
  type ConnectionRef,
  type Duration,
  durationMs,
  type TaskContext,
} from "@tidemill/dag-core";
import type { Admin } from "kafkajs";
import pRetry from "p-retry";
import type { KafkaHook } from "./hook.ts";

/** Two hundred looks in ten seconds: a busy broker tells of a new topic some time after it has created it. */
const looks = { retries: 200, factor: 1, minTimeout: 50 };

export interface EnsureTopicOptions {
  readonly on: ConnectionRef<KafkaHook>;
  readonly topic: string;
  readonly partitions: number;
  /** How long messages are kept. Defaults to the broker's setting. */
  readonly retention?: Duration;
}

/**
 * Creates a topic that is not there yet; one that is there stays as it is.
 *
 * @returns Whether it was created, and the partitions that it has now.
 * @throws TidemillError `TIDEMILL_CONNECTION_UNREACHABLE` when no broker answers.
 * @example await ensureTopic(ctx, { on: events, topic: "user_events", partitions: 3, retention: "7d" });
 */
export async function ensureTopic(
  ctx: TaskContext,
  options: EnsureTopicOptions,
): Promise<{ created: boolean; partitions: number }> {
  const { topic, partitions, retention } = options;
  const hook = await ctx.open(options.on);
  const admin = await hook.admin();
  const configEntries =
    retention === undefined ? [] : [{ name: "retention.ms", value: String(durationMs(retention)) }];
  const topics = [{ topic, numPartitions: partitions, configEntries }];
  // The client's own wait ends with an error where the broker does not know of the new topic yet.
  const created = await admin
    .createTopics({ topics, waitForLeaders: false })
    .catch((error: unknown) => {
      throw hook.explain(error);
    });
  const present = await pRetry(() => partitionCount(admin, topic), {
    ...looks,
    signal: ctx.signal,
    shouldRetry: ({ error }) => isUnknownTopic(error),
  });
  if (present !== partitions) {
    ctx.log.warn(`topic "${topic}" has ${present} partitions, not ${partitions}`);
  }
  return { created, partitions: present };
}

async function partitionCount(admin: Admin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
}

function isUnknownTopic(error: unknown): boolean {
  return error instanceof Error && "type" in error && error.type === "UNKNOWN_TOPIC_OR_PARTITION";
}

/** Asked of the list, because asking for a topic that is not there is retried for a long time. */
export async function topicExists(admin: Admin, topic: string): Promise<boolean> {
  return (await admin.listTopics()).includes(topic);
}
