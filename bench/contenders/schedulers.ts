import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { pause } from "../contest/clock.ts";
import { tidemillEnvironment } from "./tidemill.ts";

/** What a user starts: the built package, which main.ts of the benchmark brings up to date first. */
const cli = fileURLToPath(new URL("../../packages/dag-core/dist/cli/main.js", import.meta.url));
const stopMs = 15_000;

export interface SchedulerProcessOptions {
  /** Defaults to `scheduler`. */
  readonly command?: "scheduler" | "dev";
  /** Defaults to the folder of the cases. */
  readonly dagsFolder?: string | undefined;
  /** More variables of the environment. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** A `tidemill scheduler` in a process of its own. */
export class SchedulerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(
    url: string,
    { command = "scheduler", dagsFolder, settings }: SchedulerProcessOptions = {},
  ) {
    this.#child = spawn(process.execPath, [cli, command], {
      env: { PATH: process.env["PATH"], ...tidemillEnvironment(url, dagsFolder), ...settings },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends it without a chance to clean up. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopMs);
    await exit;
    clearTimeout(timer);
  }
}

/** Asks again and again until a query has a row. @returns its first row */
export async function rowOf<R extends pg.QueryResultRow>(
  sql: pg.Client,
  query: string,
  {
    values = [],
    everyMs = 20,
    withinMs = 60_000,
  }: { values?: unknown[]; everyMs?: number; withinMs?: number } = {},
): Promise<R> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    const { rows } = await sql.query<R>(query, values);
    if (rows[0]) return rows[0];
    await pause(everyMs);
  }
  throw new Error(`no row came within ${withinMs} ms of: ${query}`);
}
