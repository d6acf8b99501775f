import type { ConnectionRef, Duration, TaskContext } from "@tidemill/dag-core";
import type { KafkaHook } from "./hook.ts";

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
 * @example await ensureTopic(ctx, { on: events, topic: "user_events", partitions: 3, retention: "7d" });
 */
export async function ensureTopic(
  ctx: TaskContext,
  options: EnsureTopicOptions,
): Promise<{ created: boolean; partitions: number }> {
  throw new Error(`${ctx.taskId} ${options.topic}`);
}
