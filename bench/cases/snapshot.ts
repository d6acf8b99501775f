import { readFileSync } from "node:fs";
import pg from "pg";
import { pause } from "../contest/clock.ts";
import { medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { rowOf, SchedulerProcess } from "../contenders/schedulers.ts";
import { triesOf, withClient, withEngine } from "../contenders/tidemill.ts";

const dagId = "bench_single";
const perSecond = 1_000;
const feedsPerSecond = 10;
/** Beyond it nothing is fed: what the schedulers cannot do any more is seen in their rate. */
const mostUnfinished = 3_000;
const bucketSeconds = 20;
const addRuns = readFileSync(new URL("../sql/add_runs.sql", import.meta.url), "utf8");

/** A transaction that wrote something and is still at it: no row that is dead since can be cleaned away. */
async function withOpenTransaction<T>(url: string, during: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("begin isolation level repeatable read");
    await client.query("select pg_current_xact_id()");
    return await during();
  } finally {
    await client.query("rollback");
    await client.end();
  }
}

/** Feeds runs at an even rate. @returns how many */
async function feed(sql: pg.Client, seconds: number): Promise<number> {
  const step = perSecond / feedsPerSecond;
  const started = performance.now();
  let fed = 0;
  for (let nth = 0; nth < seconds * feedsPerSecond; nth++) {
    const early = started + (nth * 1_000) / feedsPerSecond - performance.now();
    if (early > 0) await pause(early);
    const { rowCount } = await sql.query(addRuns, [dagId, fed, step, mostUnfinished]);
    fed += rowCount ?? 0;
  }
  return fed;
}

/** Tasks that ended in each stretch of the feeding, per second. */
async function ratesBetween(sql: pg.Client, from: Date, seconds: number): Promise<number[]> {
  const { rows } = await sql.query<{ rate: number }>(
    `select count(t.ended_at)::float8 / $3::float8 as rate
     from generate_series(0, $2::int - 1) n
     left join task_try t on t.ended_at >= $1::timestamptz + n * $3::float8 * interval '1 second'
       and t.ended_at < $1::timestamptz + (n + 1) * $3::float8 * interval '1 second'
     group by n order by n`,
    [from, Math.max(2, Math.floor(seconds / bucketSeconds)), Math.min(bucketSeconds, seconds / 2)],
  );
  return rows.map(({ rate }) => rate);
}

async function playTidemill(url: string, seconds: number): Promise<Turn> {
  // Makes the schema.
  await withEngine(url, () => Promise.resolve());
  await using first = new SchedulerProcess(url);
  await using second = new SchedulerProcess(url);
  return await withClient(url, async ({ sql }) => {
    await rowOf(sql, "select 1 from process where state = 'alive' having count(*) = 2");
    await feed(sql, 2);
    const { fed, rates } = await withOpenTransaction(url, async () => {
      const from = new Date();
      const all = await feed(sql, seconds);
      return { fed: all, rates: await ratesBetween(sql, from, seconds) };
    });
    const unfinished = "select 1 from dag_run where state in ('queued', 'running') limit 1";
    await rowOf(sql, `select 1 where not exists (${unfinished})`, { withinMs: 5 * 60_000 });
    if (first.pid === second.pid) throw new Error("two schedulers were wanted");
    const [start, end] = [rates[0] ?? Number.NaN, rates.at(-1) ?? Number.NaN];
    const isWhole = (await triesOf(sql, dagId)) >= fed;
    const figures = { "tasks/s at the start": start, "tasks/s at the end": end };
    return { value: end / start, done: isWhole ? seconds : 0, figures };
  });
}

/** What a transaction that nobody ends costs. */
export const snapshot: Contest = {
  name: "snapshot",
  what: `runs of one task at ${perSecond} a second on two schedulers while a transaction stays open; the rate of the last ${bucketSeconds} s over that of the first`,
  piece: "seconds",
  unit: "times",
  isLessBetter: false,
  aims: [{ what: "of the starting rate", of: medianTurn, least: 0.9 }],
  minutes: 4,
  tidemill: { work: 180, play: playTidemill },
};
