import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import type { Advanced } from "../../../packages/dag-core/src/scheduler/advance-runs.ts";
import { processRegister } from "../../../packages/dag-core/src/store/process.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, startedBy, success } from "../../helpers/engine-process.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

/** Runs that start for the first time, and those that wait for slots in the queue. */
let db: TestDatabase;
let one: EngineProcess;
let lends = 0;

beforeEach(async () => {
  db = await testDatabase();
  one = await EngineProcess.start(db.url);
  lends = 0;
});
afterEach(async () => {
  await one[Symbol.asyncDispose]();
  await db.drop();
});

/** A tick of a process that looks at the queue again when slots come back. */
async function tickWith(slots: number): Promise<readonly Advanced[]> {
  const advanced: Advanced[] = [];
  let left = slots;
  await one.tick({
    lend: (fn) => {
      lends += 1;
      return fn({
        slots: left,
        backfillSlots: left,
        processId: one.processId,
        mayLeaveQueued: true,
      });
    },
    onAdvanced: async (hop) => {
      left -= startedBy(hop).length;
      advanced.push(hop);
    },
  });
  return advanced;
}

async function queue(dagId: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await insertRun(db.database, { dagId, state: "queued" });
}

const statesOf = async (dagId: string) =>
  (
    await sql<{ state: string }>(
      db.database,
      "select state from dag_run where dag_id = $1 order by dag_run_id",
      dagId,
    )
  ).map(({ state }) => state);

const sound = async () => expect(await brokenInvariants(db.database, "under way")).toEqual({});

test("the task instances of a run are written as they are first decided, and known from then on", async () => {
  await register(db.database, plainDag("d", { a: [], b: ["a"] }));
  await queue("d", 1);
  const [advanced] = await tickWith(1);
  const rows = await sql(
    db.database,
    `select i.task_id, i.state, i.try_number, i.hand_off, i.lease_token is not null as is_leased,
       i.started_at = r.started_at as is_begun, r.changed::integer, r.decided::integer
     from task_instance i join dag_run r using (dag_run_id)
     order by i.task_instance_id`,
  );
  const counted = { changed: 1, decided: 1 };
  const begun = { try_number: 1, hand_off: 1, is_leased: true, is_begun: true };
  const waiting = { try_number: 0, hand_off: 0, is_leased: false, is_begun: null };
  expect(rows).toEqual([
    { task_id: "a", state: "running", ...begun, ...counted },
    { task_id: "b", state: "none", ...waiting, ...counted },
  ]);
  const [first] = advanced ? startedBy(advanced) : [];
  if (!first) throw new Error("no task was started");
  const [next] = startedBy(await one.finish([first], success, 1));
  expect(next).toMatchObject({ taskId: "b" });
  await sound();
});

test("what finds no slot when its run starts can be claimed", async () => {
  await register(db.database, plainDag("d", { a: [], b: [], c: [] }));
  await queue("d", 1);
  await tickWith(1);
  expect((await one.claim(5)).map(({ taskId }) => taskId)).toEqual(["b", "c"]);
  await sound();
});

test("runs start up to the limit of their DAG, also where each is new", async () => {
  await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 2 }));
  await queue("d", 4);
  await tickWith(10);
  expect(await statesOf("d")).toEqual(["running", "running", "queued", "queued"]);
  await sound();
});

test("runs that find no slot stay in the queue while no other DAG has runs there", async () => {
  await register(db.database, plainDag("d", { a: [] }), plainDag("e", { a: [] }));
  await queue("d", 3);
  await tickWith(1);
  expect(await statesOf("d")).toEqual(["running", "queued", "queued"]);
  await queue("e", 1);
  await tickWith(0);
  expect(await statesOf("d")).toEqual(["running", "running", "running"]);
  expect(await statesOf("e")).toEqual(["running"]);
  await sound();
});

test("runs that find no slot start all the same where a worker waits for their tasks", async () => {
  await register(db.database, plainDag("d", { a: [] }));
  await processRegister(db.database, {
    kind: "worker",
    host: "test",
    pid: 2,
    version: "0",
    capacity: 16,
  });
  await queue("d", 2);
  await tickWith(1);
  expect(await statesOf("d")).toEqual(["running", "running"]);
  await sound();
});

test("of two schedulers none starts a later run than the one that the other is about to start", async () => {
  await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 1 }));
  await queue("d", 2);
  await using other = await heldTransaction(db.database);
  await other.query(`select from "limit" where kind = 'dag_runs' and name = 'd' for update`);
  await other.query("select from dag_run order by dag_run_id limit 1 for update");
  const tick = tickWith(1);
  await untilBlocked(db.database, 1);
  await other.commit();
  await tick;
  expect(await statesOf("d")).toEqual(["running", "queued"]);
  await sound();
});

test("runs whose first tasks wait for a pool start in a few transactions, however few slots are free", async () => {
  const runs = 100;
  await sql(db.database, "insert into pool (pool, slots) values ('p', 1)");
  await register(
    db.database,
    dag("d", { schedule: null, startDate: "2026-01-01", maxActiveRuns: runs }, ({ task }) => {
      task("a", { pool: "p", run: () => 1 });
    }),
  );
  await queue("d", runs);
  await tickWith(1);
  expect(new Set(await statesOf("d"))).toEqual(new Set(["running"]));
  expect(lends).toBeLessThanOrEqual(8);
  await sound();
});

test("runs that wait for their past hold back none that can start, however few slots are free", async () => {
  const chain = dag(
    "d",
    {
      schedule: "@daily",
      startDate: "2026-01-01",
      endDate: "2026-04-01",
      catchup: "none",
      maxActiveRuns: 200,
    },
    ({ task }) => {
      task("a", { dependsOnPast: true, run: () => 1 });
    },
  );
  await register(db.database, chain);
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
  for (let n = 0; n < 60; n++) {
    const state = n === 0 ? "failed" : "queued";
    await insertRun(db.database, { dagId: "d", state, interval: [day(n), day(n + 1)] });
  }
  await sql(db.database, "update task_instance set state = 'failed' where state is not null");
  await insertRun(db.database, { dagId: "d", state: "queued" });
  await tickWith(1);
  expect((await statesOf("d")).at(-1)).toBe("running");
});

test("a cleared run that has nothing left to do ends while no slot is free", async () => {
  await register(db.database, plainDag("d", { a: [] }));
  await queue("d", 1);
  await sql(
    db.database,
    `insert into task_instance (dag_run_id, task_id, state, try_number, started_at, ended_at)
     select dag_run_id, 'a', 'success', 1, now(), now() from dag_run`,
  );
  await sql(db.database, "update dag_run set clear_number = 1");
  await tickWith(0);
  expect(await statesOf("d")).toEqual(["success"]);
});
