import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { queuedGroups, startGroups } from "../../../packages/dag-core/src/scheduler/start-runs.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess } from "../../helpers/engine-process.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

/** Runs of many DAGs that start in one transaction. */
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

async function queue(dagId: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await insertRun(db.database, { dagId, state: "queued" });
}

/** How many runs of each DAG are in a state. */
async function countOf(state: string): Promise<Readonly<Record<string, number>>> {
  const rows = await sql<{ dag_id: string; runs: number }>(
    db.database,
    "select dag_id, count(*)::integer as runs from dag_run where state = $1 group by dag_id",
    state,
  );
  return Object.fromEntries(rows.map(({ dag_id, runs }) => [dag_id, runs]));
}

const sound = async () => expect(await brokenInvariants(db.database, "under way")).toEqual({});
const slots = (count: number) => ({ slots: count, backfillSlots: count, processId: one.processId });

test("a hundred DAGs with a run each take a handful of transactions", async () => {
  const ids = Array.from({ length: 100 }, (_, n) => `d${n}`);
  await register(db.database, ...ids.map((id) => plainDag(id)));
  for (const id of ids) await queue(id, 1);
  let lends = 0;
  await one.tick({
    lend: (fn) => {
      lends += 1;
      return fn(slots(0));
    },
  });
  expect(await countOf("running")).toEqual(Object.fromEntries(ids.map((id) => [id, 1])));
  expect(lends).toBeLessThanOrEqual(3);
  await sound();
});

test("each starts as many as its own limit allows, the oldest first, however many it has", async () => {
  const limits: Readonly<Record<string, number>> = { a: 1, b: 3, c: 120, e: 2 };
  await register(
    db.database,
    ...Object.entries(limits).map(([id, maxActiveRuns]) =>
      plainDag(id, { t: [] }, { maxActiveRuns }),
    ),
  );
  const first = await insertRun(db.database, { dagId: "e", state: "queued" });
  for (const [id, runs] of [
    ["a", 4],
    ["b", 2],
    ["c", 130],
    ["e", 3],
  ] as const)
    await queue(id, runs);
  await one.tick();
  expect(await countOf("running")).toEqual({ a: 1, b: 2, c: 120, e: 2 });
  expect(await countOf("queued")).toEqual({ a: 3, c: 10, e: 2 });
  const late = await sql(
    db.database,
    `select from dag_run r join dag_run q using (dag_id)
     where r.state = 'running' and q.state = 'queued' and q.dag_run_id < r.dag_run_id`,
  );
  expect(late).toEqual([]);
  expect(
    await sql(db.database, "select state from dag_run where dag_run_id = $1::bigint", first),
  ).toEqual([{ state: "running" }]);
  await sound();
});

test("one whose runs cannot start holds up none of the others", async () => {
  const ids = ["a", "bad", "c"];
  await register(db.database, ...ids.map((id) => plainDag(id)));
  for (const id of ids) await queue(id, 2);
  await sql(
    db.database,
    "create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$",
  );
  await sql(
    db.database,
    "create trigger refuse before update on dag_run for each row when (new.dag_id = 'bad') execute function refuse()",
  );
  const failures: unknown[] = [];
  one.bus.on("scheduler.tick_failed", (event) => failures.push(event));
  await one.tick();
  expect(await countOf("running")).toEqual({ a: 2, c: 2 });
  expect(failures).toMatchObject([{ dagId: "bad", error: expect.stringContaining("no room") }]);
  await sound();
});

test("one that was paused meanwhile starts no task here, the others do", async () => {
  await register(db.database, plainDag("a"), plainDag("b"), plainDag("c"));
  for (const id of ["a", "b", "c"]) await queue(id, 1);
  await using other = await heldTransaction(db.database);
  await other.query(`select from "limit" where kind = 'dag_runs' and name = 'a' for update`);
  await other.query("update dag set is_paused = true where dag_id = 'b'");
  const tick = one.tick({ lend: (fn) => fn(slots(10)) });
  await untilBlocked(db.database, 1);
  await other.commit();
  await tick;
  const states = await sql(
    db.database,
    "select r.dag_id, i.state from task_instance i join dag_run r using (dag_run_id) order by r.dag_id",
  );
  expect(states).toEqual([
    { dag_id: "a", state: "running" },
    { dag_id: "b", state: "scheduled" },
    { dag_id: "c", state: "running" },
  ]);
  await sound();
});

test("runs that wait for their past and a backfill that was paused stay, the others start", async () => {
  await register(
    db.database,
    plainDag("daily", { a: [] }, { schedule: "@daily", startDate: "2020-01-01" }),
    plainDag("plain"),
    plainDag("single", { a: [] }, { maxActiveRuns: 1 }),
  );
  const client = createClient({ database: db.database, actor: "test" });
  const range = { from: "2020-01-01", to: "2020-01-03" };
  const { backfillId } = await client.backfill.create({ dagId: "daily", ...range });
  await insertRun(db.database, { dagId: "single" });
  for (const id of ["daily", "plain", "single"]) await queue(id, 1);
  const groups = await queuedGroups(db.database);
  await client.backfill.pause(backfillId);
  await startGroups(db.database, groups, { cache: one.cache, slots: () => 0, maxInfraRetries: 3 });
  expect(await countOf("running")).toEqual({ daily: 1, plain: 1, single: 1 });
  expect(await countOf("queued")).toEqual({ daily: 3, single: 1 });
});

test("two schedulers that start the same DAGs at once break no limit", async () => {
  await using two = await EngineProcess.start(db.url);
  const ids = Array.from({ length: 60 }, (_, n) => `d${n}`);
  await register(db.database, ...ids.map((id) => plainDag(id, { a: [] }, { maxActiveRuns: 2 })));
  for (const id of ids) await queue(id, 4);
  await Promise.all([one.tick(), two.tick(), one.tick(), two.tick()]);
  expect(await countOf("running")).toEqual(Object.fromEntries(ids.map((id) => [id, 2])));
  await sound();
});

test("their limits are locked in the order of their names, as everywhere", async () => {
  await register(db.database, plainDag("c"), plainDag("b"), plainDag("a"));
  for (const id of ["c", "b", "a"]) await queue(id, 1);
  await using other = await heldTransaction(db.database);
  await other.query(`select from "limit" where kind = 'dag_runs' and name = 'b' for update`);
  const tick = one.tick();
  await untilBlocked(db.database, 1);
  const free = await sql(
    db.database,
    `select name from "limit" where kind = 'dag_runs' for update skip locked`,
  );
  expect(free).toEqual([{ name: "c" }]);
  await other.commit();
  await tick;
  expect(await countOf("running")).toEqual({ a: 1, b: 1, c: 1 });
});
