import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import type { PostgresHook } from "../postgres/hook.ts";
import type { KafkaHook } from "./hook.ts";

export interface KafkaHasNewOptions {
  readonly on: ConnectionRef<KafkaHook>;
  readonly topic: string;
  /** The reader, as in {@link kafkaConsumeToPostgres}. */
  readonly consumer: string;
  /** Where that reader keeps its offsets. */
  readonly into: ConnectionRef<PostgresHook>;
}

export interface KafkaNews {
  /** Messages that were not read yet. */
  readonly lag: number;
  readonly byPartition: Readonly<Record<string, number>>;
}

/**
 * Whether a topic has messages that a reader has not taken; the question of a sensor.
 *
 * @returns Nothing while there are none (or no topic), so that the sensor asks again.
 * @example sensor("wait_for_kafka", { every: "10s", timeout: "5m",
 *   poke: (ctx) => kafkaHasNew(ctx, { on: events, topic: "user_events", consumer: "raw", into: shop }) });
 */
export async function kafkaHasNew(
  ctx: TaskContext,
  options: KafkaHasNewOptions,
): Promise<KafkaNews | undefined> {
  throw new Error(`${ctx.taskId} ${options.topic}`);
}
