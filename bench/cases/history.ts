import { readFileSync } from "node:fs";
import type pg from "pg";
import { figure, medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { median } from "../contest/statistics.ts";
import { Floor } from "../contenders/floor.ts";
import { withTicks } from "../contenders/ticks.ts";
import { runOnce, withClient, withEngine } from "../contenders/tidemill.ts";

const dagId = "bench_wide_1000";
const width = 1_000;
const floorBatch = 500;
const tasksPerRun = 10;
/** Runs that one statement seeds. */
const seedSize = 50_000;
const wideRuns = 7;
const warmUp = 2;
const ticks = 100;
const seed = readFileSync(new URL("../sql/history.sql", import.meta.url), "utf8");
const floorSeed = readFileSync(new URL("../sql/floor_history.sql", import.meta.url), "utf8");

/** Adds finished runs of all DAGs, and leaves the tables as a server that had the time would have them. */
async function grow(sql: pg.Client, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += seedSize) {
    await sql.query(seed, [at, Math.min(at + seedSize, to)]);
  }
  await sql.query("vacuum (analyze) dag_run, task_instance");
  await sql.query("checkpoint");
}

async function wideMs(url: string): Promise<number> {
  return withEngine(url, async (tidemill) => {
    const times: number[] = [];
    for (let nth = 0; nth < wideRuns; nth++) times.push(await runOnce(tidemill, dagId));
    return median(times.slice(warmUp));
  });
}

async function tickMs(url: string): Promise<number> {
  return withTicks(url, async ({ tick }) => {
    const times: number[] = [];
    for (let nth = 0; nth < ticks; nth++) times.push(await tick());
    return median(times.slice(warmUp));
  });
}

const seededInstances = `
  select count(*)::int as seeded from task_instance i join dag_run r using (dag_run_id)
  where r.run_id like 'manual\\_\\_history%' and i.state = 'success'`;

/** The same work on the same database, each time on a longer history. */
async function playTidemill(url: string, instances: number): Promise<Turn> {
  const figures: Record<string, number> = {};
  // The first start makes the schema, and the first runs what the next ones find.
  const first = await wideMs(url);
  return await withClient(url, async ({ sql }) => {
    const levels = [0, instances / 5, instances];
    const measured: { wide: number; tick: number }[] = [];
    for (const [nth, level] of levels.entries()) {
      await grow(sql, (levels[nth - 1] ?? 0) / tasksPerRun, level / tasksPerRun);
      const found = { wide: await wideMs(url), tick: await tickMs(url) };
      measured.push(found);
      figures[`wide-1000 ms after ${level}`] = found.wide;
      figures[`tick ms after ${level}`] = found.tick;
    }
    const [empty, , full] = measured;
    if (!empty || !full || !(first > 0)) throw new Error("nothing was measured");
    figures["tick, times that without history"] = full.tick / empty.tick;
    const { rows } = await sql.query<{ seeded: number }>(seededInstances);
    return { value: full.wide / empty.wide, done: rows[0]?.seeded ?? 0, figures };
  });
}

/** The bare statements of a wide run, again and again. @returns the median in milliseconds */
async function floorWideMs(floor: Floor): Promise<number> {
  const times: number[] = [];
  for (let nth = 0; nth < wideRuns; nth++) {
    const started = performance.now();
    await floor.enqueue(width, 1);
    await floor.drain(floorBatch);
    await floor.chain(width, 1);
    times.push(performance.now() - started);
    await floor.query("delete from floor_instance where id >= 0");
  }
  return median(times.slice(warmUp));
}

/** What bare statements lose to the same history. */
function playFloor(url: string, instances: number): Promise<Turn> {
  return Floor.open(url, 2, async (floor) => {
    await floorWideMs(floor);
    const empty = await floorWideMs(floor);
    for (let at = 0; at < instances; at += seedSize * tasksPerRun) {
      await floor.query(floorSeed, [at, Math.min(at + seedSize * tasksPerRun, instances)]);
    }
    await floor.query("vacuum (analyze) floor_instance");
    await floor.query("vacuum (analyze) floor_try");
    await floor.query("checkpoint");
    const full = await floorWideMs(floor);
    const [row] = await floor.query<{ done: number }>(
      "select count(*)::int as done from floor_instance where id < 0 and state = 'success'",
    );
    const figures = { "wide-1000 ms after 0": empty, [`wide-1000 ms after ${instances}`]: full };
    return { value: full / empty, done: row?.done ?? 0, figures };
  });
}

/** What a long history costs. */
export const history: Contest = {
  name: "history",
  what: "one run of 1,000 tasks side by side, and a step of an idle scheduler, after task instances that have finished; its time over that without any",
  piece: "finished task instances",
  unit: "times",
  isLessBetter: true,
  aims: [
    { what: "wide, times that without history", of: medianTurn, most: 1.1 },
    {
      what: "tick, times that without history",
      of: figure("tick, times that without history"),
      most: 1.1,
    },
  ],
  minutes: 2,
  tidemill: { work: 5_000_000, play: playTidemill },
  floor: { work: 5_000_000, play: playFloor },
};
