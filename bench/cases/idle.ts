import type pg from "pg";
import { pause } from "../contest/clock.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { dailyDags, withDagFolder } from "../contenders/dag-folder.ts";
import { childrenOf, useOf } from "../contenders/process-tree.ts";
import { rowOf, SchedulerProcess } from "../contenders/schedulers.ts";
import { withClient, withEngine } from "../contenders/tidemill.ts";

const dagCount = 1_000;
const settleMs = 15_000;

async function transactions(sql: pg.Client): Promise<number> {
  await sql.query("select pg_stat_clear_snapshot()");
  const { rows } = await sql.query<{ count: number }>(
    "select xact_commit::float8 as count from pg_stat_database where datname = current_database()",
  );
  return rows[0]?.count ?? Number.NaN;
}

/** A scheduler with its runners, and nothing to do. */
function playTidemill(url: string, seconds: number): Promise<Turn> {
  return withDagFolder(dailyDags(dagCount), async (dagsFolder) => {
    await withEngine(url, () => Promise.resolve());
    await using scheduler = new SchedulerProcess(url, { dagsFolder });
    return await withClient(url, async ({ sql }) => {
      const isThere = `select 1 from dag where is_present having count(*) = ${dagCount}`;
      await rowOf(sql, isThere, { everyMs: 200 });
      // A DAG that was just registered may have a run to make.
      await pause(settleMs);
      const runners = childrenOf(scheduler.pid);
      const all = [scheduler.pid, ...runners];
      const cpuSeconds = () => all.reduce((sum, pid) => sum + useOf(pid).cpuSeconds, 0);
      const before = { cpu: cpuSeconds(), commits: await transactions(sql), at: performance.now() };
      await pause(seconds * 1_000);
      const took = (performance.now() - before.at) / 1_000;
      const figures = {
        "largest runner, MB": Math.max(...runners.map((pid) => useOf(pid).megabytes)),
        processes: all.length,
        "transactions/s": ((await transactions(sql)) - before.commits) / took,
        "% of a core": ((cpuSeconds() - before.cpu) / took) * 100,
      };
      const { megabytes } = useOf(scheduler.pid);
      return { value: megabytes, done: Math.floor(took), figures };
    });
  });
}

/** What it takes to have nothing to do. */
export const idle: Contest = {
  name: "idle",
  what: `${dagCount} DAGs that are not due; memory of the scheduler process`,
  piece: "seconds",
  unit: "MB",
  isLessBetter: true,
  aim: "under 150 MB, under 100 MB a runner, under 5 transactions/s, under 1 % of a core",
  tidemill: { work: 300, play: playTidemill },
};
