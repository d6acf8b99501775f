import { fileURLToPath } from "node:url";
import { type Client, createClient } from "@tidemill/dag-core/client";
import { createEngine, type Engine, loadConfig } from "@tidemill/dag-core/engine";
import pg from "pg";
import { pause } from "../contest/clock.ts";

export interface Tidemill {
  readonly engine: Engine;
  readonly client: Client;
  /** A connection of its own, in the schema of the engine, to look at what was done. */
  readonly sql: pg.Client;
}

const othersComeUpMs = 1_000;
const dagsFolder = fileURLToPath(new URL("../dags", import.meta.url));

/** What a process of Tidemill is told, apart from the database at its defaults. */
export const tidemillEnvironment = (url: string, folder = dagsFolder): Record<string, string> => ({
  TIDEMILL_DATABASE_URL: url,
  TIDEMILL_DAGS_FOLDER: folder,
  TIDEMILL_LOG_LEVEL: "error",
});

/** A scheduler in this process with warm runners of its own, as `tidemill scheduler` has them. */
export async function withEngine<T>(
  url: string,
  use: (tidemill: Tidemill) => Promise<T>,
): Promise<T> {
  const engine = createEngine({
    config: loadConfig({ env: tidemillEnvironment(url) }),
    role: "scheduler",
  });
  await engine.start();
  // A start waits for one runner, the others come up beside the first work.
  await pause(othersComeUpMs);
  try {
    return await withClient(url, ({ client, sql }) => use({ engine, client, sql }));
  } finally {
    await engine.stop();
  }
}

/** What an application has: a client, and the tables. */
export async function withClient<T>(
  url: string,
  use: (tidemill: Pick<Tidemill, "client" | "sql">) => Promise<T>,
): Promise<T> {
  const sql = new pg.Client({ connectionString: url, options: "-c search_path=tidemill" });
  await sql.connect();
  const client = createClient({ databaseUrl: url, actor: "bench" });
  try {
    return await use({ client, sql });
  } finally {
    await client.close();
    await sql.end();
  }
}

/** Tries of DAGs (a pattern of LIKE) that ended well, counted where each task instance has exactly one. */
export async function triesOf(sql: pg.Client, dagIds: string): Promise<number> {
  const { rows } = await sql.query<{ tries: number; instances: number }>(
    `select count(*)::int as tries, count(distinct t.task_instance_id)::int as instances
     from task_try t join task_instance i using (task_instance_id) join dag_run r on r.dag_run_id = i.dag_run_id
     where r.dag_id like $1 and t.state = 'success' and r.state = 'success'`,
    [dagIds],
  );
  const [{ tries, instances } = { tries: 0, instances: 0 }] = rows;
  return tries === instances ? tries : Number.NaN;
}

/** Triggers a run and waits until the engine has committed its end. @returns milliseconds */
export async function runOnce({ engine, client }: Tidemill, dagId: string): Promise<number> {
  const ended = Promise.withResolvers<void>();
  const off = engine.events.on("dag_run.succeeded", () => ended.resolve());
  const started = performance.now();
  await client.trigger(dagId);
  await ended.promise;
  off();
  return performance.now() - started;
}
