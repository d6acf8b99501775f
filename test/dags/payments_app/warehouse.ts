import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dag } from "@tidemill/dag-core";
import { runTask, type TaskResult, testContext } from "@tidemill/dag-core/testing";
import { initSchema } from "../../../dags/payments_app/lib/init.ts";
import { targetDatabase } from "../../helpers/target-database.ts";

export type Row = Record<string, unknown>;

export interface DayOptions {
  readonly batchDt: string;
  readonly since?: string;
  /** Tasks to leave out, by the start of their ids. */
  readonly without?: readonly string[];
  readonly clickhouse?: string;
}

/** A warehouse of its own with schema, emulated sources and a folder of files; no service is asked. */
export async function warehouse(clickhouse?: string) {
  const target = await targetDatabase();
  const files = await mkdtemp(join(tmpdir(), "payments-files-"));
  const connections: Record<string, string> = {
    payments_app: target.uri,
    payments_ftp: new URL(`file://${files}/`).href,
    ...(clickhouse !== undefined && { clickhouse }),
  };
  const env = { PROVIDER_MODE: "offline" };
  process.env["PAYMENTS_APP_FILES"] = files;
  process.env["PROVIDER_MODE"] = "offline";
  await using setup = testContext({ connections, env });
  await initSchema(setup);

  let runs = 0;
  /** Every task of a DAG in the order of its declaration; the first failure ends it and is in the result. */
  const run = async (
    dag: Dag,
    params: Row = {},
    without: readonly string[] = [],
  ): Promise<Map<string, TaskResult>> => {
    runs += 1;
    const results = new Map<string, TaskResult>();
    for (const { taskId } of dag.manifest.tasks) {
      if (without.some((prefix) => taskId.startsWith(prefix))) continue;
      const options = { connections, env, params, runId: `test__${runs}` };
      const result = await runTask(dag, taskId, options);
      results.set(taskId, result);
      if (result.state !== "success" && result.state !== "skipped") break;
    }
    return results;
  };
  /** A run that must end well. */
  const runWell = async (dag: Dag, params: Row = {}, without: readonly string[] = []) => {
    const results = await run(dag, params, without);
    for (const [taskId, { state, error }] of results) {
      if (state !== "success" && state !== "skipped") {
        throw new Error(`task "${taskId}" is ${state}: ${error?.message ?? ""}`);
      }
    }
    return results;
  };
  /** Rows for a table of an emulated source. */
  const insert = async (table: string, rows: readonly Row[]): Promise<void> => {
    await target.query(
      `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
  };
  /** Rates that the bank would give from a day to a day, put where its answers are kept. */
  const rates = async (from: string, to: string, given: readonly Row[]): Promise<void> => {
    await target.query(
      `insert into etl.provider_cache (provider, cache_key, value)
       select 'nbrb', day::date::text, $3::jsonb
       from generate_series($1::date, $2::date, interval '1 day') as day
       on conflict (provider, cache_key) do update set value = excluded.value`,
      [from, to, JSON.stringify(given)],
    );
  };
  return {
    ...target,
    files,
    connections,
    env,
    run,
    runWell,
    insert,
    rates,
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]();
      await rm(files, { recursive: true, force: true });
    },
  };
}

export type Warehouse = Awaited<ReturnType<typeof warehouse>>;

/** Tasks that need ClickHouse or a bot. */
export const postgresOnly = ["ch_", "notify", "sense_docx", "load_docx"] as const;
