import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import pg from "pg";

import { startChild, type Child } from "./child.ts";
import { readIfThere, writeAtomically } from "./files.ts";
import { freePort, LOOPBACK } from "./ports.ts";
import { endOrphans } from "./postgres-orphans.ts";
import { openToPostgres } from "./postgres-user.ts";
import type { PostgresServerConfig } from "./postgres-server.ts";
import { identify, isAlive, endProcess } from "./processes.ts";
import type { RunningService, ServiceOptions } from "./service.ts";

export interface PostgresOptions extends ServiceOptions {
  readonly databases: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

const USER = "tidemill";
const MAIN_DATABASE = "tidemill";
const PORT_TRIES = 3;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: LOOPBACK,
  // A socket in a shared folder would meet another server on the same port.
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  checkpoint_timeout: "15min",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] ",
};

/** Starts PostgreSQL on its folder of the stack's directory and creates the databases. */
export async function startPostgres(options: PostgresOptions): Promise<RunningService> {
  const folder = join(options.directory, "postgres");
  const dataDirectory = join(folder, "data");
  const prefix = await openToPostgres(folder, dataDirectory);
  await endLeftover(dataDirectory);
  const password = await keptPassword(folder);
  const settings = { ...SETTINGS, ...options.settings };
  const syncFiles = settings["fsync"] !== "off";
  const config = { dataDirectory, user: USER, password, settings, syncFiles };
  const { child, port } = await startOnFreePort(options, config, prefix);
  const server = identify(await postmasterPid(dataDirectory));
  const uri = `postgres://${USER}:${password}@${LOOPBACK}:${String(port)}`;
  const version = await createDatabases(uri, options.databases);
  return {
    title: `PostgreSQL ${version}`,
    uri: `${uri}/${MAIN_DATABASE}`,
    port,
    processIds: [child.processId, ...(server === undefined ? [] : [server])],
    limits: [],
    ended: child.ended,
    stop: () => child.stop(),
  };
}

/** The address of another database of the same server. */
export function databaseUri(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

async function startOnFreePort(
  options: PostgresOptions,
  config: Omit<PostgresServerConfig, "port">,
  prefix: readonly string[],
): Promise<{ child: Child<unknown>; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? options.preferredPort : 0);
    try {
      return { child: await startServer(options, { ...config, port }, prefix), port };
    } catch (error) {
      const portTaken = /could not (create any TCP|bind)/.test(String(error));
      if (!portTaken || attempt === PORT_TRIES) throw error;
    }
  }
}

function startServer(
  options: PostgresOptions,
  config: PostgresServerConfig,
  prefix: readonly string[],
): Promise<Child<unknown>> {
  return startChild<PostgresServerConfig, unknown>({
    title: "PostgreSQL",
    entry: "postgres-server",
    config,
    prefix,
    logFile: join(options.directory, "logs", "postgres.log"),
    startTimeoutMs: START_TIMEOUT_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    signal: options.signal,
    onEnd: options.onProgress,
  });
}

async function keptPassword(folder: string): Promise<string> {
  const path = join(folder, "password");
  const kept = await readIfThere(path);
  if (kept !== undefined) return kept.trim();
  const password = randomBytes(24).toString("base64url");
  await writeAtomically(path, `${password}\n`, 0o600);
  return password;
}

/** A server whose supervisor was killed still runs; a file of a dead one bars the next start. */
async function endLeftover(dataDirectory: string): Promise<void> {
  await endOrphans(dataDirectory);
  const pid = await postmasterPid(dataDirectory);
  if (pid === 0) return;
  const id = identify(pid);
  if (id !== undefined && (await servesFolder(pid, dataDirectory))) {
    await endProcess(id, "SIGINT", STOP_TIMEOUT_MS);
    if (isAlive(id)) throw new Error(`process ${String(pid)} keeps "${dataDirectory}"`);
  }
  await rm(join(dataDirectory, "postmaster.pid"), { force: true });
}

async function postmasterPid(dataDirectory: string): Promise<number> {
  const text = await readIfThere(join(dataDirectory, "postmaster.pid"));
  const pid = Number.parseInt(text ?? "", 10);
  return Number.isNaN(pid) ? 0 : pid;
}

async function servesFolder(pid: number, dataDirectory: string): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const command = await readFile(`/proc/${String(pid)}/cmdline`, "utf8").catch(() => "");
  return command.split("\0").includes(dataDirectory);
}

async function createDatabases(server: string, names: readonly string[]): Promise<string> {
  const client = new pg.Client({ connectionString: `${server}/postgres` });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database");
    const there = new Set(rows.map((row) => row.datname));
    for (const name of new Set([MAIN_DATABASE, ...names])) {
      if (!there.has(name)) await client.query(`create database ${client.escapeIdentifier(name)}`);
    }
    const version = await client.query<{ server_version: string }>("show server_version");
    return version.rows[0]?.server_version.split(" ")[0] ?? "";
  } finally {
    await client.end();
  }
}

/** Removes everything that PostgreSQL keeps in the stack's directory. */
export async function dropPostgres(directory: string): Promise<void> {
  await endLeftover(join(directory, "postgres", "data"));
  await rm(join(directory, "postgres"), { recursive: true, force: true });
}
