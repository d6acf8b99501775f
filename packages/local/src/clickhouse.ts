import { rm } from "node:fs/promises";
import { join } from "node:path";

import { startChild } from "./child.ts";
import type { ClickHouseServerConfig, ClickHouseServerReady } from "./clickhouse-server.ts";
import { LOOPBACK } from "./ports.ts";
import type { RunningService, ServiceOptions } from "./service.ts";

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** Starts the ClickHouse engine behind its HTTP interface. */
export async function startClickHouse(options: ServiceOptions): Promise<RunningService> {
  const child = await startChild<ClickHouseServerConfig, ClickHouseServerReady>({
    title: "ClickHouse",
    entry: "clickhouse-server",
    config: {
      dataDirectory: join(options.directory, "clickhouse"),
      preferredPort: options.preferredPort,
    },
    // A statement holds a thread of the pool while it runs; files and gzip need some of their own.
    env: { UV_THREADPOOL_SIZE: "16" },
    logFile: join(options.directory, "logs", "clickhouse.log"),
    startTimeoutMs: START_TIMEOUT_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    signal: options.signal,
    onEnd: options.onProgress,
  });
  const { port, version } = child.value;
  return {
    title: `ClickHouse ${version}`,
    uri: `http://${LOOPBACK}:${String(port)}`,
    port,
    processIds: [child.processId],
    limits: [],
    ended: child.ended,
    stop: () => child.stop(),
  };
}

/** Removes everything that ClickHouse keeps in the stack's directory. */
export async function dropClickHouse(directory: string): Promise<void> {
  await rm(join(directory, "clickhouse"), { recursive: true, force: true });
}
