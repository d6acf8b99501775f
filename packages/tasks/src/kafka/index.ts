export { kafka } from "./connection.ts";
export type { KafkaHook, KafkaMessage, PartitionOffsets } from "./hook.ts";
export type {
  KafkaConsumeResult,
  KafkaConsumeToPostgresOptions,
  KafkaReadOptions,
  StoreBatch,
  WriteResult,
} from "./kafka-consume-options.ts";
export { kafkaConsumeToPostgres } from "./kafka-consume-to-postgres.ts";
export { kafkaHasNew, type KafkaHasNewOptions, type KafkaNews } from "./kafka-has-new.ts";
export { kafkaProduce, type KafkaProduceOptions, type OutgoingMessage } from "./kafka-produce.ts";
export { ensureTopic, type EnsureTopicOptions } from "./ensure-topic.ts";
