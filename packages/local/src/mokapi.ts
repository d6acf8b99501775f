import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { startChild } from "./child.ts";
import type { CommandServerConfig, CommandServerReady } from "./command-server.ts";
import { reasonOf, localStackError } from "./errors.ts";
import { freePort, LOOPBACK } from "./ports.ts";
import { identify } from "./processes.ts";
import type { RunningService, ServiceOptions } from "./service.ts";

export interface MokapiOptions extends ServiceOptions {
  /** Topics to declare, by name, with their partitions. */
  readonly topics: Readonly<Record<string, number>>;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;

/** What a person must know before trusting a result that came through the stand-in. */
const LIMITS = [
  "The stand-in keeps messages and offsets in memory: they are gone when it stops",
  "The stand-in has no transactions, no idempotent producer, no compression, no offsets by time, and no group offsets for administrators",
  "The stand-in serves consumer groups only on topics that were declared when it started",
  "The stand-in listens on every network interface of this machine",
];

/** Starts go-mokapi as a Kafka broker without Java. */
export async function startMokapi(options: MokapiOptions): Promise<RunningService> {
  const folder = join(options.directory, "mokapi");
  const port = await freePort(options.preferredPort);
  const description = join(folder, "broker.json");
  await mkdir(folder, { recursive: true });
  await writeFile(description, JSON.stringify(describeBroker(port, options.topics)));
  const logFile = join(options.directory, "logs", "kafka.log");
  const args = await argumentsOf(description);
  const child = await startChild<CommandServerConfig, CommandServerReady>({
    title: "go-mokapi",
    entry: "command-server",
    config: { command: program(logFile), args, directory: folder, port, stopMs: STOP_TIMEOUT_MS },
    logFile,
    startTimeoutMs: START_TIMEOUT_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS * 2,
    signal: options.signal,
    onEnd: options.onProgress,
  });
  const broker = identify(child.value.pid);
  return {
    title: "Kafka stand-in go-mokapi",
    uri: `kafka://${LOOPBACK}:${String(port)}`,
    port,
    processIds: [child.processId, ...(broker === undefined ? [] : [broker])],
    limits: LIMITS,
    ended: child.ended,
    stop: () => child.stop(),
  };
}

/** A topic that a client creates has no operations, and the stand-in breaks on its groups. */
function describeBroker(port: number, topics: Readonly<Record<string, number>>): unknown {
  const channels = Object.entries(topics).map(([name, partitions]) => {
    return [name, { bindings: { kafka: { partitions } } }] as const;
  });
  return {
    asyncapi: "3.0.0",
    info: { title: "local", version: "1" },
    servers: { local: { host: `${LOOPBACK}:${String(port)}`, protocol: "kafka" } },
    channels: Object.fromEntries(channels),
  };
}

async function argumentsOf(description: string): Promise<string[]> {
  return [
    "--providers-file-filename",
    description,
    "--api-port",
    String(await freePort(0)),
    "--api-dashboard",
    "false",
    "--health-enabled",
    "false",
    "--mcp-server-enabled",
    "false",
    "--log-level",
    "warn",
  ];
}

function program(logFile: string): string {
  try {
    const launcher = createRequire(import.meta.url).resolve("go-mokapi/package.json");
    const name = `@go-mokapi/${process.platform}-${process.arch}`;
    return createRequire(launcher)(name) as string;
  } catch (error) {
    const reason = `${reasonOf(error).split("\n")[0] ?? ""}; install Java 17 or newer, or npm install go-mokapi`;
    throw localStackError("TIDEMILL_LOCAL_NOT_STARTED", ["Kafka", reason, logFile, ""], error);
  }
}
