import { readFileSync } from "node:fs";
import { timesPeer, tunedTimesPeer } from "../contest/aim.ts";
import type { Contender, Contest, PeerContenders, Turn } from "../contest/contest.ts";
import { onQueue, withDbos, withDbosClient } from "../contenders/dbos.ts";
import { Floor } from "../contenders/floor.ts";
import { graphileWorker } from "../contenders/graphile-worker.ts";
import { pgBoss } from "../contenders/pg-boss.ts";
import type { Queue, QueueSetting } from "../contenders/queue.ts";
import { rowOf, SchedulerProcess } from "../contenders/schedulers.ts";
import { triesOf, withClient, withEngine } from "../contenders/tidemill.ts";
import { drainWithWorkers } from "../contenders/workers.ts";

const dagId = "bench_single";
const floorBatch = 500;
/** So few jobs are those of a peer that takes one at each look, every two seconds. */
const onePoll = 5;
const queueRuns = readFileSync(new URL("../sql/queue_runs.sql", import.meta.url), "utf8");

/** What docs/operating.md names for many tasks of milliseconds. */
const forSmallTasks = { TIDEMILL_RUNNER_CONCURRENCY: "128" };

/** Two schedulers, with queued runs of a paused DAG; the clock runs from the moment it goes on. */
async function playTidemill(
  url: string,
  runs: number,
  settings?: Readonly<Record<string, string>>,
): Promise<Turn> {
  await withEngine(url, ({ client }) => client.pauseDag(dagId));
  await using first = new SchedulerProcess(url, { settings });
  await using second = new SchedulerProcess(url, { settings });
  // Without the await the schedulers would be ended before the work began.
  return await withClient(url, async ({ client, sql }) => {
    await rowOf(sql, "select 1 from process where state = 'alive' having count(*) = 2");
    await sql.query(queueRuns, [dagId, runs]);
    await sql.query("analyze");
    const started = performance.now();
    await client.unpauseDag(dagId);
    const unfinished = "select 1 from dag_run where state in ('queued', 'running') limit 1";
    await rowOf(sql, `select 1 where not exists (${unfinished})`, { everyMs: 100 });
    const seconds = (performance.now() - started) / 1_000;
    if (first.pid === second.pid) throw new Error("two schedulers were wanted");
    return { value: runs / seconds, done: await triesOf(sql, dagId) };
  });
}

function playFloor(url: string, tasks: number): Promise<Turn> {
  return Floor.open(url, 2, async (floor) => {
    await floor.enqueue(tasks, tasks);
    const started = performance.now();
    const done = await floor.drain(floorBatch);
    return { value: (done / (performance.now() - started)) * 1_000, done };
  });
}

const turnOf = ({ seconds, done }: { seconds: number; done: number }): Turn => ({
  value: done / seconds,
  done,
});

function queuePeer(
  name: string,
  queue: Queue,
  work: Readonly<Record<QueueSetting, number>>,
): PeerContenders {
  const contender = (setting: QueueSetting): Contender => ({
    work: work[setting],
    ...(work[setting] <= onePoll && { turns: 1 }),
    play: async (url, jobs) => {
      await queue.prepare(url, ["job"]);
      await queue.fill(url, "job", jobs);
      return turnOf(await drainWithWorkers(name, setting, { url, jobs }));
    },
  });
  return { default: contender("default"), best: contender("best") };
}

function dbos(setting: QueueSetting): Contender {
  return {
    work: 1_000,
    play: async (url, jobs) => {
      // Its first start makes the tables.
      await withDbos(
        { url, setting },
        () => undefined,
        async () => undefined,
      );
      await withDbosClient(url, async (client) => {
        for (let n = 0; n < jobs; n++) await client.enqueue({ ...onQueue, workflowName: "job" }, n);
      });
      return turnOf(await drainWithWorkers("dbos", setting, { url, jobs }));
    },
  };
}

/** A backlog of one-task runs. */
export const drain: Contest = {
  name: "drain",
  what: "a backlog of runs of one task that does nothing, emptied by two processes",
  piece: "runs",
  unit: "runs/s",
  isLessBetter: false,
  aims: [
    {
      what: "times graphile-worker, default",
      of: timesPeer("graphile-worker", "default"),
      least: 1,
    },
    {
      what: "times pg-boss, best",
      of: timesPeer("pg-boss", "best"),
      least: 1,
      wall: "a run, its task instance and its try take PostgreSQL 0.16 ms, and Node 0.15 ms to start, hand over and record them, which fill two cores; pg-boss keeps one row, and takes less than that for a whole job",
    },
    {
      what: "times graphile-worker, default; with 128 tries a runner",
      of: tunedTimesPeer("graphile-worker", "default"),
    },
    {
      what: "times graphile-worker, best (in batches, no history)",
      of: timesPeer("graphile-worker", "best"),
    },
  ],
  minutes: 3,
  tidemill: { work: 10_000, play: playTidemill },
  tuned: { work: 20_000, play: (url, runs) => playTidemill(url, runs, forSmallTasks) },
  floor: { work: 100_000, play: playFloor },
  peers: {
    "graphile-worker": queuePeer("graphile-worker", graphileWorker, {
      default: 8_000,
      best: 60_000,
    }),
    "pg-boss": queuePeer("pg-boss", pgBoss, { default: onePoll, best: 30_000 }),
    dbos: { default: dbos("default"), best: dbos("best") },
  },
};
