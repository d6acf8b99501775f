import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { clock } from "../contest/clock.ts";
import { figure, medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { quantile } from "../contest/statistics.ts";
import { type DbosSetting, onQueue, withDbos, withDbosClient } from "../contenders/dbos.ts";
import { graphileWorker } from "../contenders/graphile-worker.ts";
import { pgBoss } from "../contenders/pg-boss.ts";
import type { Queue, QueueSetting } from "../contenders/queue.ts";
import { runOnce, withEngine } from "../contenders/tidemill.ts";

/** Triggers before the clock counts. */
const warmUp = 20;

function delaysOf(delays: readonly number[]): Turn {
  const counted = delays.length > warmUp ? delays.slice(warmUp) : delays;
  const figures = { "p95 ms": quantile(counted, 0.95), "p99 ms": quantile(counted, 0.99) };
  return { value: quantile(counted, 0.5), done: delays.length, figures };
}

/** Triggers again and again, each time when the one before is over. */
async function oneByOne(count: number, trigger: () => Promise<number>): Promise<Turn> {
  const delays: number[] = [];
  for (let nth = 0; nth < count; nth++) delays.push(await trigger());
  return delaysOf(delays);
}

function playTidemill(url: string, triggers: number): Promise<Turn> {
  return withEngine(url, async (tidemill) => {
    const asked: number[] = [];
    for (let nth = 0; nth < triggers; nth++) {
      asked.push(clock());
      await runOnce(tidemill, "bench_stamp");
    }
    const { rows } = await tidemill.sql.query<{ began: number }>(
      `select x.value::float8 as began
       from xcom x join task_instance using (task_instance_id) join dag_run r using (dag_run_id)
       where r.dag_id = 'bench_stamp' order by r.dag_run_id`,
    );
    return delaysOf(rows.map(({ began }, nth) => began - (asked[nth] ?? Number.NaN)));
  });
}

/** A durable insert, a notification, a durable claim by whoever was told. */
async function playFloor(url: string, triggers: number): Promise<Turn> {
  const [sender, worker] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([sender.connect(), worker.connect()]);
  await sender.query("create table job (id bigint primary key, claimed_at timestamptz)");
  await worker.query("listen job");
  let claimed = Promise.withResolvers<number>();
  worker.on("notification", ({ payload }) => {
    const claim = "update job set claimed_at = now() where id = $1 and claimed_at is null";
    void worker
      .query({ name: "claim", text: claim, values: [payload] })
      .then(() => claimed.resolve(clock()));
  });
  let id = 0;
  const turn = await oneByOne(triggers, async () => {
    claimed = Promise.withResolvers();
    const asked = clock();
    await sender.query({
      name: "add",
      text: "insert into job (id) values ($1)",
      values: [(id += 1)],
    });
    await sender.query({ name: "tell", text: "select pg_notify('job', $1)", values: [String(id)] });
    return (await claimed.promise) - asked;
  });
  await Promise.all([sender.end(), worker.end()]);
  return turn;
}

async function playQueue(
  queue: Queue,
  setting: QueueSetting,
  url: string,
  jobs: number,
): Promise<Turn> {
  await queue.prepare(url, ["stamp"]);
  let began = Promise.withResolvers<number>();
  const open = await queue.open(url, setting, {
    stamp: async () => began.resolve(clock()),
  });
  const turn = await oneByOne(jobs, async () => {
    began = Promise.withResolvers();
    const asked = clock();
    await open.add("stamp", 0);
    return (await began.promise) - asked;
  });
  await open.close();
  return turn;
}

/** By the queue from a client, as another process asks; `best` starts the workflow in the process that runs it. */
function playDbos(setting: DbosSetting, url: string, triggers: number): Promise<Turn> {
  let began = Promise.withResolvers<number>();
  const register = () =>
    DBOS.registerWorkflow(async () => began.resolve(clock()), { name: "stamp" });
  const delay = async (
    start: () => Promise<{ getResult(): Promise<unknown> }>,
  ): Promise<number> => {
    began = Promise.withResolvers();
    const asked = clock();
    const handle = await start();
    const at = await began.promise;
    await handle.getResult();
    return at - asked;
  };
  return withDbos({ url, setting }, register, (stamp) =>
    setting === "best"
      ? oneByOne(triggers, () => delay(() => DBOS.startWorkflow(stamp)()))
      : withDbosClient(url, (client) =>
          oneByOne(triggers, () =>
            delay(() => client.enqueue({ ...onQueue, workflowName: "stamp" })),
          ),
        ),
  );
}

/** Triggers on an idle system. */
export const dispatch: Contest = {
  name: "dispatch",
  what: "triggers one after another on an idle system; trigger to the first line of user code, median",
  piece: "triggers",
  unit: "ms",
  isLessBetter: true,
  aims: [
    {
      what: "p50, ms",
      of: medianTurn,
      most: 5,
      wall: "played on this machine when its processor gave every contender more (graphile-worker 1.89 ms), it was 3.05 ms",
    },
    { what: "p99, ms", of: figure("p99 ms"), most: 25 },
  ],
  minutes: 3,
  tidemill: { work: 500, play: playTidemill },
  floor: { work: 500, play: playFloor },
  peers: {
    "graphile-worker": {
      default: {
        work: 500,
        play: (url, work) => playQueue(graphileWorker, "default", url, work),
      },
      best: { work: 500, play: (url, work) => playQueue(graphileWorker, "best", url, work) },
    },
    "pg-boss": {
      default: { work: 3, turns: 1, play: (url, work) => playQueue(pgBoss, "default", url, work) },
      best: { work: 250, play: (url, work) => playQueue(pgBoss, "best", url, work) },
    },
    dbos: {
      default: { work: 4, play: (url, work) => playDbos("default", url, work) },
      best: { work: 500, play: (url, work) => playDbos("best", url, work) },
    },
  },
};
