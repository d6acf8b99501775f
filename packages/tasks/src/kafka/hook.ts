import type { Admin, Consumer, ConsumerConfig, Producer } from "kafkajs";

/** Where a partition begins and ends: `[earliest, end)`. Offsets are decimal strings. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly earliest: string;
  /** The offset that the next message will get. */
  readonly end: string;
}

/** A live connection to a Kafka cluster. */
export interface KafkaHook extends AsyncDisposable {
  /** The admin client, connected. */
  admin(): Promise<Admin>;
  /** An idempotent producer with one request in flight, connected. */
  producer(): Promise<Producer>;
  /** A new consumer of a group; the caller connects and disconnects it. */
  consumer(config: Pick<ConsumerConfig, "groupId"> & Partial<ConsumerConfig>): Consumer;
  /** First and end offsets of every partition of a topic, by partition. */
  offsets(topic: string): Promise<PartitionOffsets[]>;
  /** A connection error of the client as one that names the brokers; any other error as it is. */
  explain(error: unknown): unknown;
  /** The brokers, for messages. */
  readonly address: string;
}

/** One message as it was read. */
export interface KafkaMessage {
  readonly partition: number;
  readonly offset: string;
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since 1970, as the broker gives it. */
  readonly timestamp: string;
}
