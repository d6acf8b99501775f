import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import { userEnvironment } from "../kernel/user-environment.ts";
import type { ExecutorReports } from "./executor.ts";
import type { RunnerGroupOptions } from "./runner-group.ts";

export interface RunnerPoolOptions {
  readonly dagsFolder: string;
  readonly reports: ExecutorReports;
  /** Tells the installations apart whose tasks write to one database. */
  readonly installationId: string;
  /** Processes. Defaults to one for each core. */
  readonly runners?: number;
  /** Most processes beside those that run one attempt each. Defaults to twice `runners`; more attempts wait. */
  readonly freshRunners?: number;
  /** Attempts side by side in one process. Defaults to 16. */
  readonly concurrency?: number;
  /** Variables that runners have beside those of this process, `TIDEMILL_CONN_*` above all. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Longest time one DAG file may take to import. Defaults to 30 s. */
  readonly importTimeoutMs?: number;
  /** Told of a file, relative to the folder, whose import takes longer than `afterMs` milliseconds. */
  readonly onSlowImport?: (file: string, afterMs: number) => void;
  /** A process whose event loop does not turn for this long is replaced. Defaults to 60 s. */
  readonly blockedAfterMs?: number;
  /** Time between an abort and the end of what still runs, at a timeout and at `close`. Defaults to 5 s. */
  readonly graceMs?: number;
  /** JavaScript heap of one process. Defaults to half of the memory divided among the processes, 512 MB to 4 GB. */
  readonly heapLimitMb?: number;
  /** Most bytes of JSON in an output. Defaults to 256 KiB. */
  readonly outputLimitBytes?: number;
  /** Masks secrets in what processes print outside of attempts. */
  readonly redact?: (text: string) => string;
  /** Takes what processes print outside of attempts, masked. Defaults to stderr. */
  readonly onOutput?: (text: string) => void;
}

/** The options of a pool with every default filled in. */
export function groupOptions(options: RunnerPoolOptions): RunnerGroupOptions {
  const { runners = availableParallelism(), redact = (text: string) => text } = options;
  const { onOutput = (text: string) => void process.stderr.write(text) } = options;
  return {
    dagsFolder: resolve(options.dagsFolder),
    installationId: options.installationId,
    env: userEnvironment(options.env),
    runners: Math.max(1, runners),
    freshRunners: Math.max(1, options.freshRunners ?? 2 * runners),
    concurrency: options.concurrency ?? 16,
    importTimeoutMs: options.importTimeoutMs ?? 30_000,
    onSlowImport: options.onSlowImport ?? (() => undefined),
    blockedAfterMs: options.blockedAfterMs ?? 60_000,
    graceMs: options.graceMs ?? 5_000,
    heapLimitMb: options.heapLimitMb ?? defaultHeapLimitMb(runners),
    ...(options.outputLimitBytes !== undefined && { outputLimitBytes: options.outputLimitBytes }),
    redact,
    onOutput,
  };
}

function defaultHeapLimitMb(runners: number): number {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2 ** 20;
  return Math.round(Math.min(4_096, Math.max(512, memory / 2 / runners)));
}
