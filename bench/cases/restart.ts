import { readFileSync } from "node:fs";
import type pg from "pg";
import { pause } from "../contest/clock.ts";
import { medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { rowOf, SchedulerProcess } from "../contenders/schedulers.ts";
import { triesOf, withClient, withEngine } from "../contenders/tidemill.ts";

const dagId = "bench_single";
const undisturbedMs = 5_000;
const withinMs = 5 * 60_000;
/** Of the rate before, from which the rate counts as whole again. */
const wholeShare = 0.9;
const queueRuns = readFileSync(new URL("../sql/queue_runs.sql", import.meta.url), "utf8");
const secondsUntilWhole = readFileSync(new URL("../sql/until_whole.sql", import.meta.url), "utf8");

/** Of the attempts that a process held when it was killed: the time until the last of them has run elsewhere. */
async function secondsUntilRescued(sql: pg.Client, pid: number, killedAt: Date): Promise<number> {
  const { rows } = await sql.query<{ seconds: number; lost: number }>(
    `select extract(epoch from max(again.ended_at) - $2::timestamptz)::float8 as seconds, count(*)::int as lost
     from task_try lost
     join process p on p.process_id = lost.process_id and p.pid = $1
     join task_try again on again.task_instance_id = lost.task_instance_id and again.state = 'success'
     where lost.state <> 'success'`,
    [pid, killedAt],
  );
  const [row] = rows;
  return row && row.lost > 0 ? row.seconds : 0;
}

async function playTidemill(url: string, runs: number): Promise<Turn> {
  await withEngine(url, ({ client }) => client.pauseDag(dagId));
  await using survivor = new SchedulerProcess(url);
  await using victim = new SchedulerProcess(url);
  return await withClient(url, async ({ client, sql }) => {
    await rowOf(sql, "select 1 from process where state = 'alive' having count(*) = 2");
    await sql.query(queueRuns, [dagId, runs]);
    await sql.query("analyze");
    await client.unpauseDag(dagId);
    await pause(undisturbedMs);
    const killedAt = new Date();
    victim.kill();
    // What watches over processes starts another one at once.
    await using successor = new SchedulerProcess(url);
    const unfinished = "select 1 from dag_run where state in ('queued', 'running') limit 1";
    await rowOf(sql, `select 1 where not exists (${unfinished})`, { everyMs: 200, withinMs });
    if (successor.pid === survivor.pid) throw new Error("another process was wanted");
    const { rows } = await sql.query<{ seconds: number }>(secondsUntilWhole, [
      killedAt,
      wholeShare,
    ]);
    const rescued = await secondsUntilRescued(sql, victim.pid, killedAt);
    const whole = rows[0]?.seconds ?? Number.NaN;
    const figures = {
      "rate whole again after s": whole,
      "lost attempts run again after s": rescued,
    };
    return { value: Math.max(whole, rescued), done: await triesOf(sql, dagId), figures };
  });
}

/** What the death of a process costs. */
export const restart: Contest = {
  name: "restart",
  what: "a backlog on two schedulers, one killed with -9 and started again; time until the rate is whole and all that it held has run",
  piece: "runs",
  unit: "s",
  isLessBetter: true,
  aims: [{ what: "s, of a lease of 15 s and a sweep of 1 s", of: medianTurn, most: 16 }],
  minutes: 2,
  tidemill: { work: 60_000, play: playTidemill },
};
