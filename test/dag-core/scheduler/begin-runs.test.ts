import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Advanced } from "../../../packages/dag-core/src/scheduler/advance-runs.ts";
import { processRegister } from "../../../packages/dag-core/src/store/process.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, startedBy, success } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

/** Runs that start for the first time, and those that wait for slots in the queue. */
let db: TestDatabase;
let one: EngineProcess;

beforeEach(async () => {
  db = await testDatabase();
  one = await EngineProcess.start(db.url);
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
    lend: (fn) =>
      fn({ slots: left, backfillSlots: left, processId: one.processId, hasNextLook: true }),
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
