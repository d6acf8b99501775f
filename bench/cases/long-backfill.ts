import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dag } from "@tidemill/dag-core";
import { createEngine, loadConfig } from "@tidemill/dag-core/engine";
import type pg from "pg";
import { figure, shareOfFloor } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { storeDags } from "../contenders/code-dags.ts";
import { tidemillEnvironment, withClient } from "../contenders/tidemill.ts";
import { withTicks } from "../contenders/ticks.ts";
import { migrate } from "../../packages/dag-core/src/store/migrate.ts";

const minute = 60_000;
const cli = fileURLToPath(new URL("../../packages/dag-core/src/cli/main.ts", import.meta.url));
const insertRuns = readFileSync(new URL("../sql/backfill_runs.sql", import.meta.url), "utf8");

const minutelyDag = () =>
  dag(
    "minutely",
    { schedule: "* * * * *", startDate: new Date().toISOString(), catchup: "none" },
    ({ task }) => {
      task("only", { run: () => {} });
    },
  );

/** The DAG beside the backfill; once a second, so that there are enough runs to speak of a p99. */
const secondlyDag = () =>
  dag(
    "each_second",
    { schedule: { every: "1s" }, startDate: new Date().toISOString() },
    ({ task }) => {
      task("only", { run: () => {} });
    },
  );

/** The command creates the runs, while a scheduler in this process keeps the schedule of another DAG. */
async function playTidemill(url: string, runs: number): Promise<Turn> {
  const engine = createEngine({
    config: loadConfig({ env: tidemillEnvironment(url) }),
    role: "scheduler",
    dags: [minutelyDag(), secondlyDag()],
  });
  await engine.start();
  try {
    await engine.events.next("dag_run.succeeded", { dagId: "each_second" }, { deadlineMs: 30_000 });
    return await withClient(url, async ({ sql }) => {
      const from = new Date();
      const seconds = await createBackfill(url, runs);
      const figures = { "lateness of the other DAG, p99 s": await lateness(sql, from) };
      return { value: runs / seconds, done: await createdRuns(sql), figures };
    });
  } finally {
    await engine.stop();
  }
}

async function createBackfill(url: string, runs: number): Promise<number> {
  const last = Math.floor(Date.now() / minute) * minute - 10 * minute;
  const from = new Date(last - (runs - 1) * minute).toISOString();
  const range = ["--from-date", from, "--to-date", new Date(last).toISOString()];
  const args = ["--conditions=source", cli, "backfill", "create", "minutely", ...range];
  const started = performance.now();
  const env = { PATH: process.env["PATH"], ...tidemillEnvironment(url) };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`tidemill backfill create ended with ${code}`);
  return (performance.now() - started) / 1_000;
}

/** Of the runs that were to start since: the time between that moment and their start. */
async function lateness(sql: pg.Client, since: Date): Promise<number> {
  const { rows } = await sql.query<{ p99: number }>(
    `select percentile_cont(0.99) within group (
       order by extract(epoch from coalesce(started_at, now()) - run_after))::float8 as p99
     from dag_run where dag_id = 'each_second' and run_after between $1 and now()`,
    [since],
  );
  return rows[0]?.p99 ?? Number.NaN;
}

/** Runs that cover an interval of their own. */
async function createdRuns(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ done: number }>(
    `select count(distinct i.interval_start)::int as done
     from dag_run r join dag_run_interval i using (dag_run_id)
     where r.dag_id = 'minutely' and r.run_type = 'backfill'`,
  );
  return rows[0]?.done ?? 0;
}

/** The same rows in one statement: what each run is and what it covers. */
function playFloor(url: string, runs: number): Promise<Turn> {
  return withTicks(url, async ({ database }) => {
    await migrate(database);
    await storeDags(database, [minutelyDag()]);
    return await withClient(url, async ({ sql }) => {
      const started = performance.now();
      await sql.query(insertRuns, ["minutely", runs]);
      const seconds = (performance.now() - started) / 1_000;
      return { value: runs / seconds, done: await createdRuns(sql) };
    });
  });
}

/** A backfill of two years of minutes. */
export const longBackfill: Contest = {
  name: "many-backfill",
  what: "a backfill planned and created by the command, while another DAG runs once a second",
  piece: "runs",
  unit: "runs/s",
  isLessBetter: false,
  aims: [
    { what: "share of the floor's rate", of: shareOfFloor, least: 0.5 },
    {
      what: "lateness of the other DAG, p99 s",
      of: figure("lateness of the other DAG, p99 s"),
      most: 1,
    },
  ],
  minutes: 3,
  tidemill: { work: 1_000_000, play: playTidemill },
  floor: { work: 1_000_000, play: playFloor },
};
