import { DBOS } from "@dbos-inc/dbos-sdk";
import { floors, medianTurn, timesPeer } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { median } from "../contest/statistics.ts";
import { type DbosSetting, withDbos } from "../contenders/dbos.ts";
import { Floor } from "../contenders/floor.ts";
import { graphileWorker } from "../contenders/graphile-worker.ts";
import { pgBoss } from "../contenders/pg-boss.ts";
import type { Queue, QueueSetting } from "../contenders/queue.ts";
import { runOnce, triesOf, withEngine } from "../contenders/tidemill.ts";

const links = 40;
/** Chains before the clock counts: compiled code, prepared statements, connections. */
const warmUp = 3;

/** Runs chains one after another. @returns the median of those after the warm-up */
async function chainsInTurn(count: number, chain: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let nth = 0; nth < count; nth++) times.push(await chain());
  return median(times.slice(Math.min(warmUp, count - 1)));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function playTidemill(url: string, chains: number): Promise<Turn> {
  return withEngine(url, async (tidemill) => {
    const value = await chainsInTurn(chains, () => runOnce(tidemill, "bench_chain"));
    return { value, done: (await triesOf(tidemill.sql, "bench_chain")) / links };
  });
}

function playFloor(url: string, chains: number): Promise<Turn> {
  return Floor.open(url, 1, async (floor) => {
    await floor.query(
      `insert into floor_instance (id, run_id, state, started_at)
       select n, n / $2::int, case n % $2::int when 0 then 'running' else 'none' end, now()
       from generate_series(0, $1::int * $2::int - 1) n`,
      [chains, links],
    );
    // The first of the next chain runs already: nothing to start after the last link.
    let nth = 0;
    const value = await chainsInTurn(chains, () => timed(() => floor.chain(nth++ * links, links)));
    const [row] = await floor.query<{ done: number }>(
      "select (count(distinct instance_id) / $1::int)::int as done from floor_try",
      [links],
    );
    return { value, done: row?.done ?? 0 };
  });
}

/** A queue knows no chain: the handler of a link enqueues the next. Of part of a chain the time is that of a whole. */
async function playQueue(
  queue: Queue,
  setting: QueueSetting,
  url: string,
  chains: number,
): Promise<Turn> {
  const length = links * Math.min(1, chains);
  await queue.prepare(url, ["link"]);
  let ended = Promise.withResolvers<void>();
  let handled = 0;
  const open = await queue.open(url, setting, {
    link: async (n) => {
      handled += 1;
      if (n < length) await open.add("link", n + 1);
      else ended.resolve();
    },
  });
  const ms = await chainsInTurn(Math.max(1, chains), () =>
    timed(async () => {
      ended = Promise.withResolvers();
      await open.add("link", 1);
      await ended.promise;
    }),
  );
  await open.close();
  return { value: (ms * links) / length, done: handled / links };
}

function playDbos(setting: DbosSetting, url: string, chains: number): Promise<Turn> {
  let steps = 0;
  const register = () =>
    DBOS.registerWorkflow(
      async () => {
        for (let link = 0; link < links; link++) {
          await DBOS.runStep(() => Promise.resolve(void (steps += 1)), { name: `link_${link}` });
        }
      },
      { name: "chain" },
    );
  return withDbos({ url, setting }, register, async (chain) => {
    const value = await chainsInTurn(chains, () => timed(() => chain()));
    return { value, done: steps / links };
  });
}

/** When the aims that hang on the processor were reached. */
const slower =
  "a hop waits for the processor, and the floor for the disk: played on this machine when its processor gave every contender more (DBOS 73 ms, graphile-worker 77), the chain took 62 ms, 1.55 a hop, 4.5 floors";

/** One run of forty tasks in a row. */
export const chain: Contest = {
  name: "chain",
  what: `one run, ${links} tasks in a row that do nothing; trigger to committed end`,
  piece: "chains",
  unit: "ms",
  isLessBetter: true,
  aims: [
    { what: "ms", of: medianTurn, most: 100 },
    {
      what: "ms a hop, with IPC",
      of: (result) => medianTurn(result) / links,
      most: 2,
      wall: slower,
    },
    { what: "times the floor", of: floors, most: 5, wall: slower },
    {
      what: "times the floor, the stretch",
      of: floors,
      most: 3,
      wall: "a hop is 0.7 ms of PostgreSQL, which locks and writes a run, a task instance and a try with their checks and indexes in one statement and flushes it, and 0.8 ms of Node in two processes, one after the other, of which no part is worth a tenth; 3 floors are 1.05 ms",
    },
    { what: "times DBOS, default", of: timesPeer("dbos", "default"), most: 1 },
    { what: "times DBOS, best", of: timesPeer("dbos", "best"), most: 1 },
  ],
  minutes: 3,
  tidemill: { work: 40, play: playTidemill },
  floor: { work: 150, play: playFloor },
  peers: {
    "graphile-worker": {
      default: { work: 25, play: (url, work) => playQueue(graphileWorker, "default", url, work) },
      best: { work: 25, play: (url, work) => playQueue(graphileWorker, "best", url, work) },
    },
    "pg-boss": {
      // Its default polls every two seconds: one link each, so an eighth of a chain is long enough.
      default: {
        work: 1 / 8,
        turns: 1,
        play: (url, work) => playQueue(pgBoss, "default", url, work),
      },
      best: { work: 10, play: (url, work) => playQueue(pgBoss, "best", url, work) },
    },
    dbos: {
      default: { work: 20, play: (url, work) => playDbos("default", url, work) },
      best: { work: 20, play: (url, work) => playDbos("best", url, work) },
    },
  },
};
