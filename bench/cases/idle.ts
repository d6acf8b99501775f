import type pg from "pg";
import { pause } from "../contest/clock.ts";
import { figure, medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { dailyDags, withDagFolder } from "../contenders/dag-folder.ts";
import { childrenOf, useOf } from "../contenders/process-tree.ts";
import { rowOf, SchedulerProcess } from "../contenders/schedulers.ts";
import { withClient, withEngine } from "../contenders/tidemill.ts";

const dagCount = 1_000;
const settleMs = 15_000;

/** Statements and transactions since the server began, those of this session not counted. */
async function countersOf(sql: pg.Client): Promise<{ queries: number; commits: number }> {
  const { rows } = await sql.query<{ queries: number; commits: number }>(
    `select d.xact_commit::float8 as commits, sum(s.calls)::float8 as queries
     from pg_stat_database d join pg_stat_statements s on s.dbid = d.datid
     where d.datname = current_database() and s.query not like '%pg_stat_statements%' group by d.xact_commit`,
  );
  return rows[0] ?? { queries: Number.NaN, commits: Number.NaN };
}

/** The first start after a deploy holds the compiler of the DAG files; any later one finds them without their types. */
async function startedOnce(url: string, dagsFolder: string): Promise<void> {
  await using scheduler = new SchedulerProcess(url, { dagsFolder });
  await withClient(url, ({ sql }) => rowOf(sql, "select 1 from process where state = 'alive'"));
  if (scheduler.pid === 0) throw new Error("no scheduler was started");
}

/** A scheduler with its runners, and nothing to do. */
function playTidemill(url: string, seconds: number): Promise<Turn> {
  return withDagFolder(dailyDags(dagCount), async (dagsFolder) => {
    await withEngine(url, () => Promise.resolve());
    await startedOnce(url, dagsFolder);
    await using scheduler = new SchedulerProcess(url, { dagsFolder });
    return await withClient(url, async ({ sql }) => {
      await sql.query("create extension pg_stat_statements");
      const isThere = `select 1 from dag where is_present having count(*) = ${dagCount}`;
      await rowOf(sql, isThere, { everyMs: 200 });
      // A DAG that was just registered may have a run to make.
      await pause(settleMs);
      const runners = childrenOf(scheduler.pid);
      const all = [scheduler.pid, ...runners];
      const cpuSeconds = () => all.reduce((sum, pid) => sum + useOf(pid).cpuSeconds, 0);
      const before = { ...(await countersOf(sql)), cpu: cpuSeconds(), at: performance.now() };
      await pause(seconds * 1_000);
      const took = (performance.now() - before.at) / 1_000;
      const after = await countersOf(sql);
      const figures = {
        "largest runner, MB": Math.max(...runners.map((pid) => useOf(pid).proportionalMb)),
        "resident, MB": useOf(scheduler.pid).residentMb,
        "largest runner resident, MB": Math.max(...runners.map((pid) => useOf(pid).residentMb)),
        processes: all.length,
        "queries/s": (after.queries - before.queries) / took,
        "transactions/s": (after.commits - before.commits) / took,
        "% of a core": ((cpuSeconds() - before.cpu) / took) * 100,
      };
      const { proportionalMb } = useOf(scheduler.pid);
      return { value: proportionalMb, done: Math.floor(took), figures };
    });
  });
}

/** What it takes to have nothing to do. */
export const idle: Contest = {
  name: "idle",
  what: `${dagCount} DAGs that are not due, started once before; memory of the scheduler process, its share of what it has mapped with others (PSS)`,
  piece: "seconds",
  unit: "MB",
  isLessBetter: true,
  aims: [
    { what: "scheduler, MB", of: medianTurn, most: 150 },
    { what: "largest runner, MB", of: figure("largest runner, MB"), most: 100 },
    { what: "queries/s", of: figure("queries/s"), most: 5 },
    {
      what: "% of a core",
      of: figure("% of a core"),
      most: 1,
      wall: "played on this machine at another hour, the same work took 0.65: two processors that sleep most of the time are slow for the moments in which they are woken, and the version of before took 1.6 times as much at the same hour",
    },
  ],
  minutes: 6,
  postgresSettings: { shared_preload_libraries: "pg_stat_statements" },
  tidemill: { work: 300, play: playTidemill },
};
