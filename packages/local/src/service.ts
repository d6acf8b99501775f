import type { ProcessId } from "./processes.ts";

/** The systems of the local stack. */
export type ServiceId = "postgres" | "clickhouse" | "kafka";

export const SERVICE_IDS: readonly ServiceId[] = ["postgres", "clickhouse", "kafka"];

/** What speaks Kafka's protocol: the real broker, or the stand-in for machines without Java. */
export type KafkaKind = "apache" | "mokapi";

/** A service that runs, wherever it came from. */
export interface RunningService {
  readonly title: string;
  readonly uri: string;
  readonly port: number;
  /** The processes to end, the supervising one first. */
  readonly processIds: readonly ProcessId[];
  readonly limits: readonly string[];
  readonly kafkaKind?: KafkaKind;
  /** Fulfilled when its supervising process is gone, whoever ended it. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** What every service is told at its start. */
export interface ServiceOptions {
  /** The stack's directory, absolute. */
  readonly directory: string;
  /** The port to take when it is free; 0 for any. */
  readonly preferredPort: number;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}
