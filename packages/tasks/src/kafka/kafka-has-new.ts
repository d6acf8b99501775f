import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import type { PostgresHook } from "../postgres/hook.ts";
import { topicExists } from "./ensure-topic.ts";
import type { KafkaHook, PartitionOffsets } from "./hook.ts";
import { readOffsets } from "./kafka-offsets.ts";

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
  const { topic, consumer } = options;
  const hook = await ctx.open(options.on);
  if (!(await topicExists(await hook.admin(), topic))) {
    ctx.log.info(`topic "${topic}" does not exist yet`);
    return undefined;
  }
  const ends = await hook.offsets(topic);
  const stored = await readOffsets(await ctx.open(options.into), { consumer, topic });
  const byPartition: Record<string, number> = {};
  for (const offsets of ends) {
    const lag = lagOf(offsets, stored.get(offsets.partition)?.nextOffset);
    if (lag > 0) byPartition[String(offsets.partition)] = lag;
  }
  const lag = Object.values(byPartition).reduce((sum, n) => sum + n, 0);
  return lag > 0 ? { lag, byPartition } : undefined;
}

/** Behind the stored offset means a topic created anew: all of it is new, and the reader will say so. */
function lagOf({ earliest, end }: PartitionOffsets, next: bigint | undefined): number {
  const first = BigInt(earliest);
  const isKnown = next !== undefined && next <= BigInt(end) && next > first;
  return Number(BigInt(end) - (isKnown ? next : first));
}
