import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { writeAtomically } from "./files.ts";
import { isAlive, type ProcessId } from "./processes.ts";
import type { KafkaKind, ServiceId } from "./service.ts";

/** Where a running local stack is reached. */
export interface StackAddresses {
  /** Connection URI of the database `tidemill`, which holds the run log. */
  readonly databaseUrl: string;
  /**
   * Connection id to URI: `postgres`, `clickhouse`, `kafka`, and one per extra database under the
   * database's name. Only services that run, or that the environment names, are here.
   */
  readonly connections: Readonly<Record<string, string>>;
  /** Whether `connections.kafka` is Apache Kafka or the stand-in; undefined without Kafka. */
  readonly kafkaKind: KafkaKind | undefined;
  /** What this stack cannot do that production can, each a sentence for a person. */
  readonly limits: readonly string[];
  /** Process numbers by service, the supervising process first. */
  readonly pids: Readonly<Partial<Record<ServiceId, readonly number[]>>>;
  /** ISO 8601 time of the start. */
  readonly startedAt: string;
  /** Version of the file's form. */
  readonly version: 1;
}

/** The file as it is on disk: the addresses, and the processes that they depend on. */
export interface StackRecord extends StackAddresses {
  readonly owner: ProcessId;
  readonly processIds: Readonly<Partial<Record<ServiceId, readonly ProcessId[]>>>;
}

const DEFAULT_DIRECTORY = ".tidemill";

export function stackDirectory(directory: string | undefined): string {
  return resolve(directory ?? DEFAULT_DIRECTORY);
}

/**
 * The addresses of the stack that runs on `directory`, from `stack.json` in it.
 *
 * @param directory The stack's directory, `.tidemill` in the current one by default.
 * @returns undefined when no stack runs there, also when one was killed and left its file.
 * @example
 * const url = process.env["TIDEMILL_DATABASE_URL"] ?? readStackFile()?.databaseUrl;
 */
export function readStackFile(directory?: string): StackAddresses | undefined {
  const record = readRecord(stackDirectory(directory));
  if (record === undefined) return undefined;
  const needed = [record.owner, ...Object.values(record.processIds).flat()];
  const alive = needed.every(isAlive);
  if (!alive) return undefined;
  const { owner: _owner, processIds: _processIds, ...addresses } = record;
  return addresses;
}

/** The file's content, whether or not its processes live. */
export function readRecord(directory: string): StackRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(fileOf(directory), "utf8")) as StackRecord;
    return record.version === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Only its owner may read the file: the addresses hold passwords. */
export async function writeRecord(directory: string, record: StackRecord): Promise<void> {
  await writeAtomically(fileOf(directory), `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

export function fileOf(directory: string): string {
  return join(directory, "stack.json");
}
