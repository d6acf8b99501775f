import type { ConnectionRef, Duration } from "@tidemill/dag-core";
import type { PostgresHook, PostgresTransaction } from "../postgres/hook.ts";
import type { KafkaHook, KafkaMessage } from "./hook.ts";

/** What `write` did with a batch. */
export interface WriteResult {
  readonly rows: number;
  readonly rejected?: number;
}

/** Stores a batch inside the transaction that moves the offsets. */
export type StoreBatch = (tx: PostgresTransaction) => Promise<WriteResult>;

/** Either `write`, or `prepare` where a batch takes work of its own before it can be stored. */
export type KafkaConsumeToPostgresOptions = KafkaReadOptions &
  (
    | {
        /** Stores a batch, sorted by partition and offset, inside the transaction that moves the offsets. */
        readonly write: (
          tx: PostgresTransaction,
          batch: readonly KafkaMessage[],
        ) => Promise<WriteResult>;
      }
    | {
        /** Works on a batch as soon as it is read, while the one before is stored; gives what stores it. */
        readonly prepare: (batch: readonly KafkaMessage[]) => StoreBatch;
      }
  );

export interface KafkaReadOptions {
  readonly from: ConnectionRef<KafkaHook>;
  readonly topic: string;
  /** Names the reader; its offsets are kept under this name in `etl.kafka_offsets` of the target. */
  readonly consumer: string;
  readonly into: ConnectionRef<PostgresHook>;
  /** Messages per transaction. Defaults to 2,000. */
  readonly batchSize?: number;
  /** Stop after the batch in hand when this has passed. Defaults to no limit. */
  readonly maxDuration?: Duration;
  /** What to do when the topic was deleted and created again. Defaults to `"fail"`. */
  readonly onRecreated?: "fail" | "restart";
  /** What to do when the broker has dropped messages that were not read. Defaults to `"fail"`. */
  readonly onGap?: "fail" | "warn";
}

export interface KafkaConsumeResult {
  readonly messages: number;
  readonly rows: number;
  readonly rejected: number;
  readonly batches: number;
  /** Partitions that had messages. */
  readonly partitions: number;
  /** Messages that the broker dropped before they were read; only with `onGap: "warn"`. */
  readonly lost: number;
  /** Whether every partition was read to the end that it had at the start. */
  readonly complete: boolean;
}
