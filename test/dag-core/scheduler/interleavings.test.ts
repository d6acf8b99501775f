import { describe, expect, test } from "@jest/globals";
import type { Client } from "@tidemill/dag-core/client";
import { dag } from "@tidemill/dag-core";
import { limitLock } from "../../../packages/dag-core/src/store/limit.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { enginePair } from "../../helpers/engine-pair.ts";
import { EngineProcess, success } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

/** What a wrong lock protocol lets through; each order of events is forced by a transaction that a test holds. */
let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;
let client: Client;

eachTest(
  () => enginePair(),
  (made) => void ({ db, one, two, client } = made),
);

const options = { schedule: null, startDate: "2026-01-01" } as const;
const run = () => undefined;
const queue = async (dagId: string, runs = 1) => {
  const ids: string[] = [];
  for (let n = 0; n < runs; n++) ids.push(await insertRun(db.database, { dagId, state: "queued" }));
  await one.startRuns();
  return ids;
};
const sound = async () => expect(await brokenInvariants(db.database, "under way")).toEqual({});

test("two claims under different pools start one task where one is allowed in the DAG", async () => {
  await sql(db.database, "insert into pool (pool, slots) values ('p', 5), ('q', 5)");
  await register(
    db.database,
    dag("d", { ...options, maxActiveTasksPerDag: 1 }, ({ task }) => {
      task("a", { pool: "p", run });
      task("b", { pool: "q", run });
    }),
  );
  await queue("d", 2);
  // Both have read what is ready and locked a run each before either may count.
  await using held = await heldTransaction(db.database);
  await held.query(`select from "limit" where kind = 'dag_tasks' for no key update`);
  const first = one.claim(1);
  await untilBlocked(db.database, 1);
  const second = two.claim(5);
  await untilBlocked(db.database, 2);
  await held.commit();
  expect([...(await first), ...(await second)]).toHaveLength(1);
  await sound();
});

test("a claim that holds a pool and a finish that wants it do not deadlock", async () => {
  await sql(db.database, "insert into pool (pool, slots) values ('p', 2)");
  await register(
    db.database,
    dag("d", options, ({ task }) => {
      const a = task("a", { pool: "p", run });
      task("b", { pool: "p", after: [a], run });
    }),
  );
  await queue("d", 2);
  const [running] = await one.claim(1);
  if (!running) throw new Error("nothing claimed");
  // The claim waits for the pool with the other run locked; the finish comes and goes beside it.
  await using held = await heldTransaction(db.database);
  await held.query(`select from "limit" where kind = 'pool' for no key update`);
  const claim = two.claim(5);
  await untilBlocked(db.database, 1);
  await one.finish([running], success, 5);
  await held.commit();
  const claimed = [...(await claim), ...(await one.claim(5))];
  expect(claimed).toHaveLength(2);
  await sound();
});

test("a claim that wants a second run while it holds a pool passes over the run of a finish", async () => {
  await sql(db.database, "insert into pool (pool, slots) values ('p', 5)");
  await register(
    db.database,
    dag("d", options, ({ task }) => {
      const a = task("a", { pool: "p", run });
      task("b", { pool: "p", after: [a], run });
      task("c", { pool: "p", run });
    }),
  );
  await queue("d", 2);
  const [running] = await one.claim(1);
  if (!running) throw new Error("nothing claimed");
  // The finish stands with its run locked; a claim that waited for that run would keep the pool from everybody.
  await using held = await heldTransaction(db.database);
  await held.query("select from task_instance where task_instance_id = $1 for update", [
    running.taskInstanceId,
  ]);
  const finish = one.finish([running], success, 5);
  await untilBlocked(db.database, 1);
  const beside = await two.claim(5);
  expect(beside.map(({ taskId }) => taskId).sort()).toEqual(["a", "c"]);
  expect(beside.some(({ dagRunId }) => dagRunId === running.dagRunId)).toBe(false);
  await held.commit();
  await finish;
  expect((await two.claim(5)).map(({ taskId }) => taskId).sort()).toEqual(["b", "c"]);
  await sound();
});

test("locks of limits are taken in one order, whatever order they are asked in", async () => {
  const limits = ["c", "a", "b"].map((name) => ({ kind: "key", name, capacity: 1 }));
  const lock = (process: EngineProcess, wanted: typeof limits) =>
    process.database.transaction((tx) => limitLock(tx, wanted));
  const rounds = [...Array(20).keys()].flatMap(() => [
    lock(one, limits),
    lock(two, limits.toReversed()),
  ]);
  const locked = await Promise.all(rounds);
  expect(locked.every((rows) => rows.map((row) => row.name).join("") === "abc")).toBe(true);
});

test("a cancel that meets a claim leaves nothing running in the cancelled run", async () => {
  await register(db.database, plainDag("d", { a: [], b: [] }));
  await insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
  await one.startRuns();
  // The claim stands before its update, with the run locked, when the cancel comes.
  await using held = await heldTransaction(db.database);
  await held.query("select from task_ready for update");
  const claim = one.claim(5);
  await untilBlocked(db.database, 1);
  const cancel = client.cancelRun("d", "r");
  await untilBlocked(db.database, 2);
  await held.commit();
  await claim;
  await cancel;
  expect(await sql(db.database, "select distinct state from task_instance")).toEqual([
    { state: "cancelled" },
  ]);
  const { hop } = await one.finish(await claim);
  expect(hop.fenced).toHaveLength(2);
  await sound();
});

test("a claim that meets a cancel takes nothing of the run", async () => {
  await register(db.database, plainDag("d", { a: [], b: [] }));
  await insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
  await one.startRuns();
  await using held = await heldTransaction(db.database);
  await held.query("select from dag for update");
  const cancel = client.cancelRun("d", "r");
  await untilBlocked(db.database, 1);
  const claim = one.claim(5);
  await held.commit();
  await cancel;
  await claim;
  expect(await one.claim(5)).toEqual([]);
  const [live] = await sql<{ n: number }>(
    db.database,
    "select count(*)::integer as n from task_instance where state = 'running'",
  );
  expect(live?.n).toBe(0);
  await sound();
});

test("of the two last runs of a backfill that end at once, one ends the backfill", async () => {
  await register(db.database, plainDag("d"));
  await sql(
    db.database,
    `insert into backfill (dag_id, from_date, to_date, reprocess, run_backwards, max_active_runs, params, plan_hash, created_by)
     values ('d', now(), now(), 'none', false, 5, '{}', '', 'test')`,
  );
  await queue("d", 2);
  await sql(
    db.database,
    "update dag_run set backfill_id = 1, run_type = 'backfill', changed = changed + 1",
  );
  const [first, second] = await one.claim(2);
  if (!first || !second) throw new Error("nothing claimed");
  await using held = await heldTransaction(db.database);
  await held.query("select from backfill for no key update");
  const ends = [one.finish([first]), two.finish([second])];
  await untilBlocked(db.database, 2);
  await held.commit();
  const ended = (await Promise.all(ends)).flatMap(({ endedBackfills }) => endedBackfills);
  expect(ended).toEqual([{ backfill_id: "1", dag_id: "d", state: "success" }]);
  await sound();
});

test("a run that ends while the next is created leaves no queued run beside a free place", async () => {
  await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 1 }));
  await queue("d");
  const running = await one.claim(1);
  // The start of the next run has found the place taken and waits to count again under the lock.
  await using held = await heldTransaction(db.database);
  await held.query(`select from "limit" where kind = 'dag_runs' for no key update`);
  await insertRun(db.database, { dagId: "d", state: "queued" });
  const start = two.startRuns();
  await untilBlocked(db.database, 1);
  await one.finish(running);
  await held.commit();
  expect(await start).toBe(1);
  await sound();
});

describe("rescue", () => {
  test("a heartbeat that comes while it waits for the process saves it", async () => {
    await register(db.database, plainDag("d"));
    await queue("d");
    await one.claim(1);
    await one.fallSilent();
    await using beat = await heldTransaction(db.database);
    await beat.query("update process set heartbeat_at = now() where process_id = $1", [
      one.processId,
    ]);
    const tick = two.tick();
    await untilBlocked(db.database, 1);
    await beat.commit();
    await tick;
    const [row] = await sql(
      db.database,
      "select p.state as process, i.state, i.infra_retries from process p join task_instance i using (process_id)",
    );
    expect(row).toEqual({ process: "alive", state: "running", infra_retries: 0 });
  });

  test("a heartbeat that comes after it changes nothing: the process learns that it is lost", async () => {
    await one.fallSilent();
    await two.tick();
    const changed = await one.database.exec(
      {
        name: "beat",
        text: "update process set heartbeat_at = now() where process_id = $1 and state = 'alive'",
        parameters: ["id"],
      },
      { id: one.processId },
    );
    expect(changed).toBe(0);
  });

  test("gives what a lost process ran back to the same try, in the next hand-off; its late result is fenced", async () => {
    await register(db.database, plainDag("d"));
    await queue("d");
    const late = await one.claim(1);
    await one.fallSilent();
    const lost = two.bus.next("process.lost");
    await two.tick();
    expect((await lost).processId).toBe(one.processId);
    const again = await two.claim(1);
    const state = "select state, try_number, hand_off, infra_retries from task_instance";
    expect(await sql(db.database, state)).toEqual([
      { state: "running", try_number: 1, hand_off: 2, infra_retries: 1 },
    ]);
    expect((await one.finish(late)).hop.fenced).toHaveLength(1);
    expect(await sql(db.database, "select state from task_instance")).toEqual([
      { state: "running" },
    ]);
    await two.finish(again);
    expect(
      await sql(db.database, "select state, reason, hand_off from task_try order by 3"),
    ).toEqual([
      { state: "up_for_retry", reason: "lease_lost", hand_off: 1 },
      { state: "success", reason: null, hand_off: 2 },
    ]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("gives up after three infra retries, with one alert", async () => {
    await register(db.database, plainDag("d"));
    await queue("d");
    for (let loss = 0; loss < 4; loss++) {
      await using doomed = await EngineProcess.start(db.url);
      expect(await doomed.claim(1)).toHaveLength(1);
      await doomed.fallSilent();
      await two.tick();
    }
    expect(await sql(db.database, "select state, reason, try_number from task_instance")).toEqual([
      { state: "failed", reason: "lease_lost", try_number: 1 },
    ]);
    const alerts = await sql(db.database, "select kind, hand_off from alert order by kind");
    expect(alerts).toEqual([
      { kind: "dag_run.failed", hand_off: 0 },
      { kind: "task_instance.failed", hand_off: 4 },
    ]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("by two schedulers at once gives each attempt back once", async () => {
    await register(db.database, plainDag("d", { a: [], b: [], c: [] }));
    await queue("d", 3);
    await using doomed = await EngineProcess.start(db.url);
    expect(await doomed.claim(20)).toHaveLength(9);
    await doomed.fallSilent();
    await Promise.all([one.tick(), two.tick()]);
    const rows = await sql(
      db.database,
      "select state, infra_retries, count(*)::integer as n from task_instance group by 1, 2",
    );
    expect(rows).toEqual([{ state: "scheduled", infra_retries: 1, n: 9 }]);
    expect(await sql(db.database, "select count(*)::integer as n from task_try")).toEqual([
      { n: 9 },
    ]);
    await sound();
  });

  test("a lost process starts nothing in a hop either", async () => {
    await register(db.database, plainDag("d", { a: [], b: ["a"] }));
    await queue("d");
    const running = await one.claim(1);
    await sql(
      db.database,
      "update process set state = 'lost', ended_at = now() where process_id = $1::bigint",
      one.processId,
    );
    const { hop } = await one.finish(running, { kind: "success" }, 5);
    expect(hop.started).toEqual([]);
    expect(hop.readied).toHaveLength(1);
  });
});
