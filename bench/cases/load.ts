import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { clock, pause } from "../contest/clock.ts";
import { medianTurn, timesLeastPeer } from "../contest/aim.ts";
import type { Contender, Contest, PeerContenders, Turn } from "../contest/contest.ts";
import { quantile } from "../contest/statistics.ts";
import { type DbosSetting, onQueue, withDbos, withDbosClient } from "../contenders/dbos.ts";
import { graphileWorker } from "../contenders/graphile-worker.ts";
import { pgBoss } from "../contenders/pg-boss.ts";
import type { Queue, QueueSetting } from "../contenders/queue.ts";
import { rowOf } from "../contenders/schedulers.ts";
import { runOnce, withEngine } from "../contenders/tidemill.ts";

const perSecond = 200;
const seconds = 60;
const triggers = perSecond * seconds;
/** The counters of the server are at most a second behind. */
const settleMs = 1_200;
const drainMs = 120_000;

/** Begins of the user code in milliseconds of the clock, by trigger; NaN where it began twice. */
class Begins {
  readonly #at = new Map<number, number>();
  readonly #all = Promise.withResolvers<void>();
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  mark(nth: number, at = clock()): void {
    this.#at.set(nth, this.#at.has(nth) ? Number.NaN : at);
    if (this.#at.size === this.#count) this.#all.resolve();
  }

  async all(): Promise<void> {
    await Promise.race([this.#all.promise, pause(drainMs)]);
  }

  delaysFrom(asked: readonly number[]): number[] {
    return asked.map((at, nth) => (this.#at.get(nth) ?? Number.NaN) - at);
  }
}

/** Moments of a Poisson process in milliseconds from its start; the same for every contender. */
function* arrivals(count: number): Generator<number> {
  let seed = 1;
  for (let nth = 0, at = 0; nth < count; nth++) {
    seed = (seed * 48_271) % 2_147_483_647;
    at -= (Math.log(seed / 2_147_483_647) / perSecond) * 1_000;
    yield at;
  }
}

/** Triggers at the arrivals, whether or not those before have run. @returns when each was due */
async function triggerAll(count: number, trigger: (nth: number) => Promise<unknown>) {
  const started = clock();
  const due: number[] = [];
  const asked: Promise<unknown>[] = [];
  for (const at of arrivals(count)) {
    const early = started + at - clock();
    if (early > 0) await pause(early);
    asked.push(trigger(due.length));
    due.push(started + at);
  }
  await Promise.all(asked);
  return due;
}

async function countersOf(url: string): Promise<{ commits: number; wal: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ commits: number; wal: number }>(
    `select xact_commit::float8 as commits, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as wal
     from pg_stat_database where datname = current_database()`,
  );
  await client.end();
  return rows[0] ?? { commits: Number.NaN, wal: Number.NaN };
}

/** Says when it is ready for the triggers, and ends with every connection closed. @returns delays in milliseconds */
type Play = (url: string, count: number, isReady: () => Promise<void>) => Promise<number[]>;

async function measured(url: string, count: number, play: Play): Promise<Turn> {
  let before = { commits: 0, wal: 0 };
  const delays = await play(url, count, async () => {
    await pause(settleMs);
    before = await countersOf(url);
  });
  const after = await countersOf(url);
  const figures = {
    "p50 ms": quantile(delays, 0.5),
    "commits per task": (after.commits - before.commits) / count,
    "WAL bytes per task": (after.wal - before.wal) / count,
  };
  return { value: quantile(delays, 0.99), done: delays.filter(Number.isFinite).length, figures };
}

const playTidemill: Play = (url, count, isReady) =>
  withEngine(url, async (tidemill) => {
    const { client, sql } = tidemill;
    for (let nth = 0; nth < 20; nth++) await runOnce(tidemill, "bench_single");
    await isReady();
    const runs = new Map<string, number>();
    const due = await triggerAll(count, async (nth) => {
      const { runId } = await client.trigger("bench_single");
      runs.set(runId, nth);
    });
    const unfinished = "select 1 from dag_run where state in ('queued', 'running') limit 1";
    await rowOf(sql, `select 1 where not exists (${unfinished})`, { withinMs: drainMs });
    const { rows } = await sql.query<{ run_id: string; began: number }>(
      `select r.run_id, extract(epoch from t.started_at)::float8 * 1000 as began
       from task_try t join dag_run r using (dag_run_id) where t.state = 'success' and r.state = 'success'`,
    );
    const begins = new Begins(count);
    for (const { run_id, began } of rows) {
      const nth = runs.get(run_id);
      if (nth !== undefined) begins.mark(nth, began);
    }
    return begins.delaysFrom(due);
  });

/** One durable insert, one durable end; between them the work begins. */
const playFloor: Play = async (url, count, isReady) => {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  await pool.query("create table job (id integer primary key, ended_at timestamptz)");
  const begins = new Begins(count);
  await isReady();
  const add = { name: "add", text: "insert into job (id) values ($1)" };
  const end = { name: "end", text: "update job set ended_at = now() where id = $1" };
  const due = await triggerAll(count, async (nth) => {
    await pool.query({ ...add, values: [nth] });
    begins.mark(nth);
    await pool.query({ ...end, values: [nth] });
  });
  await pool.end();
  return begins.delaysFrom(due);
};

const queueOf =
  (queue: Queue, setting: QueueSetting): Play =>
  async (url, count, isReady) => {
    await queue.prepare(url, ["load"]);
    const begins = new Begins(count);
    const open = await queue.open(url, setting, { load: async (nth) => begins.mark(nth) });
    await isReady();
    const due = await triggerAll(count, (nth) => open.add("load", nth));
    await begins.all();
    await open.close();
    return begins.delaysFrom(due);
  };

/** By the queue from a client; `best` starts the workflow in the process that runs it. */
const dbosOf =
  (setting: DbosSetting): Play =>
  (url, count, isReady) => {
    const begins = new Begins(count);
    const register = () =>
      DBOS.registerWorkflow(async (nth: number) => begins.mark(nth), { name: "load" });
    return withDbos({ url, setting }, register, async (load) => {
      await isReady();
      const start = (nth: number) => DBOS.startWorkflow(load)(nth);
      const due =
        setting === "best"
          ? await triggerAll(count, start)
          : await withDbosClient(url, (client) =>
              triggerAll(count, (nth) => client.enqueue({ ...onQueue, workflowName: "load" }, nth)),
            );
      await begins.all();
      return begins.delaysFrom(due);
    });
  };

const contender = (play: Play, work = triggers): Contender => ({
  work,
  play: (url, count) => measured(url, count, play),
});

const queuePeer = (queue: Queue, defaultWork = triggers): PeerContenders => ({
  default: contender(queueOf(queue, "default"), defaultWork),
  best: contender(queueOf(queue, "best")),
});

/** Triggers that come whether or not the system keeps up. */
export const load: Contest = {
  name: "load",
  what: `${perSecond} triggers a second at random moments for ${seconds} s; due moment to the first line of user code, p99`,
  piece: "triggers",
  unit: "ms",
  isLessBetter: true,
  aims: [
    { what: "p99, ms", of: medianTurn, most: 50 },
    {
      what: "commits per task, times the least peer's",
      of: timesLeastPeer("commits per task"),
      most: 1,
      wall: "of some 4.7 the trigger, its start and its end are 2.4, fewer than three since some come together; the notification after the trigger is one, and what the scheduler's connection reads when it is told another; 0.3 are looks. Told inside the trigger's own commit, 32 clients trigger 860 to 1,050 times a second in place of 6,600 to 10,300, since such commits wait for each other. Fewer needs waiting for others: the least peer polls once a second, its median delay is 550 ms",
    },
    {
      what: "WAL bytes per task, times the least peer's",
      of: timesLeastPeer("WAL bytes per task"),
      most: 1,
      wall: "of some 3,160 bytes 790 are the rows of a run, its instance, its try and its event, which stay, 600 the changes of the first two, 1,480 entries of indexes, 210 locks and commits. Some 790 would go if a run did not move through the indexes of queued and of running runs, for which the three others take it in anew each time; two tables apart for that would cost about 515 of them. A queue writes one row and deletes it",
    },
  ],
  minutes: 8,
  tidemill: contender(playTidemill),
  floor: contender(playFloor),
  peers: {
    "graphile-worker": queuePeer(graphileWorker),
    // One job every two seconds.
    "pg-boss": queuePeer(pgBoss, 5),
    dbos: { default: contender(dbosOf("default"), 2_000), best: contender(dbosOf("best")) },
  },
};
