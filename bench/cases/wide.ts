import { DBOS } from "@dbos-inc/dbos-sdk";
import { figure, shareOfFloor } from "../contest/aim.ts";
import type { Contest, Contender, PeerContenders, Turn } from "../contest/contest.ts";
import { type DbosSetting, onQueue, withDbos } from "../contenders/dbos.ts";
import { Floor } from "../contenders/floor.ts";
import { graphileWorker } from "../contenders/graphile-worker.ts";
import { pgBoss } from "../contenders/pg-boss.ts";
import type { Queue, QueueSetting } from "../contenders/queue.ts";
import { runOnce, triesOf, withEngine } from "../contenders/tidemill.ts";

/** Tasks that a batch of the floor claims and finishes. */
const floorBatch = 500;
/** So few tasks are those of a peer that takes one at each look, every two seconds. */
const onePoll = 5;

const rate = (tasks: number, ms: number): number => (tasks / ms) * 1_000;

function playTidemill(url: string, width: number): Promise<Turn> {
  const dagId = `bench_wide_${width}`;
  return withEngine(url, async (tidemill) => {
    await runOnce(tidemill, "bench_single");
    const ms = await runOnce(tidemill, dagId);
    const { rows } = await tidemill.sql.query<{ gap_ms: number }>(
      `select extract(epoch from max(t.started_at) filter (where i.task_id = 'fan_in')
          - max(t.ended_at) filter (where i.task_id = 'wide'))::float8 * 1000 as gap_ms
       from task_try t join task_instance i using (task_instance_id) join dag_run r on r.dag_run_id = i.dag_run_id
       where r.dag_id = $1`,
      [dagId],
    );
    const figures = { "last to fan-in, ms": rows[0]?.gap_ms ?? Number.NaN };
    return { value: rate(width + 1, ms), done: (await triesOf(tidemill.sql, dagId)) - 1, figures };
  });
}

function playFloor(url: string, width: number): Promise<Turn> {
  return Floor.open(url, 2, async (floor) => {
    const started = performance.now();
    await floor.enqueue(width, 1);
    const done = await floor.drain(floorBatch);
    await floor.chain(width, 1);
    return { value: rate(width + 1, performance.now() - started), done };
  });
}

/** A queue knows no fan-in: the process counts, and enqueues it after the last. */
async function playQueue(
  queue: Queue,
  setting: QueueSetting,
  url: string,
  width: number,
): Promise<Turn> {
  await queue.prepare(url, ["wide", "fan_in"]);
  const ended = Promise.withResolvers<void>();
  const seen = new Set<number>();
  const open = await queue.open(url, setting, {
    wide: async (n) => {
      seen.add(n);
      if (seen.size === width) await open.add("fan_in", 0);
    },
    fan_in: async () => ended.resolve(),
  });
  const started = performance.now();
  await open.addMany("wide", [...Array(width).keys()]);
  await ended.promise;
  const value = rate(width + 1, performance.now() - started);
  await open.close();
  return { value, done: seen.size };
}

function playDbos(setting: DbosSetting, url: string, width: number): Promise<Turn> {
  const seen = new Set<number>();
  const register = () => {
    const one = DBOS.registerWorkflow(async (n: number) => void seen.add(n), { name: "wide" });
    return DBOS.registerWorkflow(
      async () => {
        const handles = [];
        for (let n = 0; n < width; n++) handles.push(await DBOS.startWorkflow(one, onQueue)(n));
        for (const handle of handles) await handle.getResult();
      },
      { name: "fan" },
    );
  };
  return withDbos({ url, setting }, register, async (fan) => {
    const started = performance.now();
    await fan();
    return { value: rate(width + 1, performance.now() - started), done: seen.size };
  });
}

function queuePeer(queue: Queue, work: Readonly<Record<QueueSetting, number>>): PeerContenders {
  const contender = (setting: QueueSetting): Contender => ({
    work: work[setting],
    ...(work[setting] <= onePoll && { turns: 1 }),
    play: (url, width) => playQueue(queue, setting, url, width),
  });
  return { default: contender("default"), best: contender("best") };
}

function wideOf(width: 200 | 1_000 | 10_000): Contest {
  const few = Math.min(width, 1_000);
  const dbos = (setting: DbosSetting): Contender => ({
    work: few,
    play: (url, work) => playDbos(setting, url, work),
  });
  return {
    name: `wide-${width}`,
    what: `one run, ${width} tasks side by side that do nothing and a fan-in`,
    piece: "tasks",
    unit: "tasks/s",
    isLessBetter: false,
    aims: [
      {
        what: "share of batched claim and finish",
        of: shareOfFloor,
        least: 0.5,
        wall: "one connection stores a whole run, since whoever changes a run holds its lock: PostgreSQL takes 0.07 ms for each task, which is made, made ready, started and ended, with a try, an output and its reference, each of them rows with their indexes, and reading these rows from JSON is a fifth of it; the 0.08 ms of Node, two thirds of them in the scheduler, run beside it on the other core",
      },
      { what: "last to fan-in, ms", of: figure("last to fan-in, ms"), most: 50 },
    ],
    minutes: 2,
    tidemill: { work: width, play: playTidemill },
    floor: { work: width, play: playFloor },
    peers: {
      "graphile-worker": queuePeer(graphileWorker, { default: width, best: width }),
      "pg-boss": queuePeer(pgBoss, { default: onePoll, best: width }),
      dbos: { default: dbos("default"), best: dbos("best") },
    },
  };
}

/** One run with a map and a fan-in, of three widths. */
export const wide: readonly Contest[] = [wideOf(200), wideOf(1_000), wideOf(10_000)];
