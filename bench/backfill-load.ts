import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dag } from "@tidemill/dag-core";
import { createEngine, loadConfig } from "@tidemill/dag-core/engine";
import pg from "pg";
import { machine } from "./machine.ts";
import { withOwnStack } from "./own-stack.ts";

// A long backfill is created by the command, while a scheduler keeps the schedule of another DAG:
//   npm run backfill:load -- --runs 1000000

const { values } = parseArgs({ options: { runs: { type: "string", default: "1000000" } } });
const runs = Number(values.runs);
const minute = 60_000;
const cli = fileURLToPath(new URL("../packages/dag-core/src/cli/main.ts", import.meta.url));
const run = () => undefined;
const startDate = new Date().toISOString();
const dags = [
  dag("minutely", { schedule: "* * * * *", startDate, catchup: "none" }, ({ task }) =>
    task("only", { run }),
  ),
  dag("each_second", { schedule: { every: "1s" }, startDate }, ({ task }) => task("only", { run })),
];

await withOwnStack({ services: ["postgres"] }, async (_connections, directory) => {
  const stackFile = `${directory}/stack.json`;
  const env = { TIDEMILL_STACK_FILE: stackFile, TIDEMILL_LOG_LEVEL: "error" };
  const config = loadConfig({ env });
  const engine = createEngine({ config, role: "scheduler", dags });
  await engine.start();
  const sql = new pg.Client({
    connectionString: config.databaseUrl?.reveal(),
    options: "-c search_path=tidemill",
  });
  await sql.connect();
  try {
    await engine.events.next("dag_run.succeeded", { dagId: "each_second" }, { deadlineMs: 30_000 });
    const before = await lateness(sql);
    const seconds = await create({ ...process.env, ...env });
    const during = await lateness(sql);
    const started = await sql.query(
      "select count(*)::int as runs from dag_run where backfill_id is not null and started_at is not null",
    );
    process.stdout.write(
      `${machine()}\n${runs} runs planned and created in ${seconds.toFixed(1)} s; the other DAG started at most ${before.toFixed(2)} s late before, ${during.toFixed(2)} s in between; ${started.rows[0].runs} runs of the backfill have started\n`,
    );
  } finally {
    await sql.end();
    await engine.stop();
  }
});

async function create(env: NodeJS.ProcessEnv): Promise<number> {
  const last = Math.floor(Date.now() / minute) * minute - 10 * minute;
  const from = new Date(last - (runs - 1) * minute).toISOString();
  const range = ["--from-date", from, "--to-date", new Date(last).toISOString()];
  const args = ["--conditions=source", cli, "backfill", "create", "minutely", ...range];
  const begun = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const [told, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const seconds = (performance.now() - begun) / 1_000;
  process.stdout.write(told);
  if (code !== 0) throw new Error(`tidemill backfill create ended with ${code}`);
  return seconds;
}

/** The longest time in seconds between the moment from which a run of the other DAG might start and its start. */
async function lateness(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ seconds: number }>(
    `select coalesce(max(extract(epoch from coalesce(started_at, now()) - run_after)), 0)::float8 as seconds
     from dag_run where dag_id = 'each_second'`,
  );
  return rows[0]?.seconds ?? 0;
}
