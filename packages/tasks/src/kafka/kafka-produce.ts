import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import { topicExists } from "./ensure-topic.ts";
import type { KafkaHook } from "./hook.ts";
import { topicMissing } from "./topic-missing.ts";

export interface OutgoingMessage {
  /** Messages of one key stay in order, in one partition. */
  readonly key?: string;
  readonly value: string | Buffer;
  /** Milliseconds since 1970, as text. Defaults to now. */
  readonly timestamp?: string;
}

export interface KafkaProduceOptions {
  readonly to: ConnectionRef<KafkaHook>;
  readonly topic: string;
  readonly messages: AsyncIterable<OutgoingMessage> | Iterable<OutgoingMessage>;
  /** Messages per request. Defaults to 1,000. */
  readonly batchSize?: number;
}

/**
 * Sends messages in batches, by an idempotent producer that waits for all replicas: a resend by the client is
 * not stored twice. A task that is run again sends its messages again.
 *
 * @returns How many the brokers acknowledged.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when the topic does not exist.
 * @example await kafkaProduce(ctx, { to: events, topic: "user_events", messages: [{ key: "7", value: "{}" }] });
 */
export async function kafkaProduce(
  ctx: TaskContext,
  options: KafkaProduceOptions,
): Promise<{ messages: number }> {
  const { topic, batchSize = 1_000 } = options;
  const hook = await ctx.open(options.to);
  if (!(await topicExists(await hook.admin(), topic))) throw topicMissing(topic, hook.address);
  const producer = await hook.producer();
  let messages = 0;
  try {
    for await (const batch of batches(options.messages, batchSize)) {
      ctx.signal.throwIfAborted();
      await producer.send({ topic, acks: -1, messages: batch });
      messages += batch.length;
    }
  } catch (error) {
    throw hook.explain(error);
  }
  ctx.log.info(`sent to ${topic}`, { messages });
  return { messages };
}

async function* batches(
  messages: KafkaProduceOptions["messages"],
  size: number,
): AsyncGenerator<OutgoingMessage[]> {
  let batch: OutgoingMessage[] = [];
  for await (const message of messages) {
    batch.push(message);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
