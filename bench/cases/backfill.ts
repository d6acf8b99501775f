import { medianTurn } from "../contest/aim.ts";
import type { Contender, Contest, Turn } from "../contest/contest.ts";
import { Floor } from "../contenders/floor.ts";
import { graphileWorker } from "../contenders/graphile-worker.ts";
import { pgBoss } from "../contenders/pg-boss.ts";
import type { Queue, QueueSetting } from "../contenders/queue.ts";
import { runOnce, triesOf, withEngine } from "../contenders/tidemill.ts";

interface Shape {
  readonly runs: number;
  readonly steps: 3 | 5;
}

const day = (nth: number): string =>
  new Date(Date.UTC(2024, 0, 1 + nth)).toISOString().slice(0, 10);

/** From the request to the end of the backfill: the plan and the creation of its runs count too. */
function playTidemill(url: string, { runs, steps }: Shape): Promise<Turn> {
  const dagId = `bench_daily_${steps}`;
  return withEngine(url, async (tidemill) => {
    await runOnce(tidemill, "bench_single");
    const ended = tidemill.engine.events.next("backfill.completed", {}, { deadlineMs: 300_000 });
    const started = performance.now();
    const request = { dagId, from: day(0), to: day(runs - 1), maxActiveRuns: 100 };
    await tidemill.client.backfill.create(request);
    await ended;
    const value = (performance.now() - started) / 1_000;
    return { value, done: (await triesOf(tidemill.sql, dagId)) / steps };
  });
}

/** All runs advance together, a batch a step. */
function playFloor(url: string, { runs, steps }: Shape): Promise<Turn> {
  return Floor.open(url, 1, async (floor) => {
    const started = performance.now();
    let done = 0;
    await floor.enqueue(runs * steps, runs);
    for (let step = 0; step < steps; step++) done += await floor.drain(runs);
    return { value: (performance.now() - started) / 1_000, done: done / steps };
  });
}

/** The handler of a step enqueues the next one of its run. */
async function playQueue(
  queue: Queue,
  setting: QueueSetting,
  url: string,
  { runs, steps }: Shape,
): Promise<Turn> {
  await queue.prepare(url, ["step"]);
  const ended = Promise.withResolvers<void>();
  let handled = 0;
  const open = await queue.open(url, setting, {
    step: async (n) => {
      handled += 1;
      if (n + runs < runs * steps) await open.add("step", n + runs);
      if (handled === runs * steps) ended.resolve();
    },
  });
  const started = performance.now();
  await open.addMany("step", [...Array(runs).keys()]);
  await ended.promise;
  const value = (performance.now() - started) / 1_000;
  await open.close();
  return { value, done: handled / steps };
}

function backfillOf(name: string, { runs, steps }: Shape): Contest {
  const queue = (one: Queue, setting: QueueSetting, work = runs): Contender => ({
    work,
    ...(work < runs && { turns: 1 }),
    play: (url: string, some: number) => playQueue(one, setting, url, { runs: some, steps }),
  });
  return {
    name,
    what: `a backfill of ${runs} daily runs of ${steps} tasks in a row; request to end`,
    piece: "runs",
    unit: "s",
    isLessBetter: true,
    aims: [{ what: "s", of: medianTurn, ...(runs === 100 && { most: 1 }) }],
    minutes: 2,
    tidemill: { work: runs, play: (url, work) => playTidemill(url, { runs: work, steps }) },
    floor: { work: runs, play: (url, work) => playFloor(url, { runs: work, steps }) },
    peers: {
      "graphile-worker": {
        default: queue(graphileWorker, "default"),
        best: queue(graphileWorker, "best"),
      },
      "pg-boss": { default: queue(pgBoss, "default", 2), best: queue(pgBoss, "best") },
    },
  };
}

/** A hundred days, and a year. */
export const backfill: readonly Contest[] = [
  backfillOf("backfill", { runs: 100, steps: 3 }),
  backfillOf("backfill-365", { runs: 365, steps: 5 }),
];
