import type { TaskContext } from "@tidemill/dag-core";
import type { KafkaConsumeResult, KafkaConsumeToPostgresOptions } from "./kafka-consume-options.ts";

export async function kafkaConsumeToPostgres(
  ctx: TaskContext,
  options: KafkaConsumeToPostgresOptions,
): Promise<KafkaConsumeResult> {
  throw new Error(`${ctx.taskId} ${options.topic}`);
}
