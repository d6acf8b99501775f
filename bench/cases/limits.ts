import { readFileSync } from "node:fs";
import type pg from "pg";
import { figure, medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { type DagSource, withDagFolder } from "../contenders/dag-folder.ts";
import { rowOf, SchedulerProcess } from "../contenders/schedulers.ts";
import { triesOf, withClient, withEngine } from "../contenders/tidemill.ts";

const dagCount = 100;
const tasksPerDag = 1_000;
const pools = 10;
const poolSlots = 5;
const maxActiveTasks = 4;
const withinMs = 15 * 60_000;
const mostAtOnce = readFileSync(new URL("../sql/most_at_once.sql", import.meta.url), "utf8");

/** `free_7` has no limit; `held_7` shares pool 7 with `held_17` and so on, and has a limit of its own. */
function sources(tasks: number): DagSource[] {
  const source = (dagId: string, dagOptions: string, taskOptions: string): DagSource => ({
    dagId,
    text: `import { dag } from "@tidemill/dag-core";

export default dag("${dagId}", { schedule: null, startDate: "2026-01-01", ${dagOptions} }, ({ each }) => {
  each("wide", { over: Array.from({ length: ${tasks} }, (_, at) => at), ${taskOptions} run: () => null });
});
`,
  });
  return Array.from({ length: dagCount }, (_, n) => [
    source(`free_${n}`, `maxActiveTasks: ${tasks}`, ""),
    source(
      `held_${n}`,
      `maxActiveRuns: 1, maxActiveTasks: ${maxActiveTasks}`,
      `pool: "pool_${n % pools}",`,
    ),
  ]).flat();
}

/** One run of each DAG of a kind at once. @returns tasks per second */
async function rateOf(sql: pg.Client, kind: "free" | "held", tasks: number): Promise<number> {
  const started = performance.now();
  await sql.query(
    `insert into dag_run (
       dag_id, dag_version_id, run_id, run_type, triggered_by, run_after, data_interval_start, data_interval_end)
     select dag_id, dag_version_id, 'manual__bench', 'manual', 'bench', now(), now(), now()
     from dag where dag_id like $1`,
    [`${kind}\\_%`],
  );
  const unfinished = "select 1 from dag_run where state in ('queued', 'running') limit 1";
  await rowOf(sql, `select 1 where not exists (${unfinished})`, { everyMs: 200, withinMs });
  return (tasks / (performance.now() - started)) * 1_000;
}

/** By the begins and ends of all tries: how far a limit was broken, at most. */
async function violations(sql: pg.Client): Promise<number> {
  const most = async (place: string) =>
    (await sql.query<{ most: number }>(mostAtOnce, [place])).rows[0]?.most ?? Number.NaN;
  const [ofPool, ofRun] = [await most("_\\d*(\\d)$"), await most("_(\\d+)$")];
  return Math.max(0, ofPool - poolSlots) + Math.max(0, ofRun - maxActiveTasks);
}

async function deadlocks(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ deadlocks: number }>(
    "select deadlocks::int from pg_stat_database where datname = current_database()",
  );
  return rows[0]?.deadlocks ?? Number.NaN;
}

/** The tasks without limits first, then as many with them, on the same schedulers. */
function playTidemill(url: string, schedulers: number, tasks: number): Promise<Turn> {
  const perDag = tasks / dagCount;
  return withDagFolder(sources(perDag), async (dagsFolder) => {
    await withEngine(url, async ({ client }) => {
      for (let n = 0; n < pools; n++) await client.setPool(`pool_${n}`, poolSlots);
    });
    await using processes = new AsyncDisposableStack();
    for (let n = 0; n < schedulers; n++) processes.use(new SchedulerProcess(url, { dagsFolder }));
    return await withClient(url, async ({ sql }) => {
      await rowOf(
        sql,
        `select 1 from process where state = 'alive' having count(*) = ${schedulers}`,
      );
      const free = await rateOf(sql, "free", tasks);
      const held = await rateOf(sql, "held", tasks);
      const tries = [await triesOf(sql, "free%"), await triesOf(sql, "held%")];
      const figures = {
        "tasks/s without limits": free,
        "tasks/s with limits": held,
        violations: await violations(sql),
        deadlocks: await deadlocks(sql),
      };
      return { value: held / free, done: Math.min(...tries), figures };
    });
  });
}

function limitsOf(schedulers: 2 | 4): Contest {
  return {
    name: `limits-${schedulers}`,
    what: `${dagCount} DAGs, a map each, ${pools} pools of ${poolSlots} slots, at most ${maxActiveTasks} tasks of a run at once, ${schedulers} schedulers; the rate over that without limits`,
    piece: "tasks",
    unit: "times",
    isLessBetter: false,
    aims: [
      {
        what: "of the rate without limits",
        of: medianTurn,
        least: 0.5,
        wall: "limited tasks are passed on in the statement that ends those before them, after one question more; what is left of the gap is that all pools together have 50 slots, so that fewer ends share a statement and a commit, and that runs change hands",
      },
      { what: "violations", of: figure("violations"), most: 0 },
      { what: "deadlocks", of: figure("deadlocks"), most: 0 },
    ],
    minutes: 5,
    tidemill: {
      work: dagCount * tasksPerDag,
      play: (url, tasks) => playTidemill(url, schedulers, tasks),
    },
  };
}

/** Limits of pools and of runs, fought over. */
export const limits: readonly Contest[] = [limitsOf(2), limitsOf(4)];
