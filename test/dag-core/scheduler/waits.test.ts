import { beforeEach, describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import type { Client } from "@tidemill/dag-core/client";
import { carryOutRequests } from "../../../packages/dag-core/src/client/requests.ts";
import { wakeKey } from "../../../packages/dag-core/src/definition/wake-key.ts";
import type { Outcome } from "../../../packages/dag-core/src/definition/outcome.ts";
import { tellWakes } from "../../../packages/dag-core/src/scheduler/waits.ts";
import { tickDue } from "../../../packages/dag-core/src/store/tick.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { enginePair } from "../../helpers/engine-pair.ts";
import type { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, plainDag, register, sql } from "../../helpers/factory.ts";
import { heldTransaction } from "../../helpers/held-transaction.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;
let client: Client;

eachTest(
  () => enginePair(),
  (made) => void ({ db, one, two, client } = made),
);

const options = { schedule: null, startDate: "2026-01-01" } as const;
const waiting = dag("d", { ...options, maxActiveRuns: 20_000 }, ({ waitForEvent, task }) => {
  const go = waitForEvent("go", { event: "go", timeout: "1h" });
  task("after", { inputs: { go }, run: () => undefined });
});
const forEvent: Outcome = { kind: "defer", wakeKey: wakeKey({ kind: "event", name: "go" }) };

/** Runs of `d` whose first task has begun to wait. */
async function beginWaits(runs = 1): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < runs; n++) {
    ids.push(await insertRun(db.database, { dagId: "d", state: "queued" }));
  }
  await one.startRuns();
  await one.finish(await one.claim(runs), forEvent);
  return ids;
}

const states = (dagRunId: string) => instanceStates(db.database, dagRunId);
const onlyRunId = async () => {
  const rows = await sql<{ run_id: string }>(db.database, "select run_id from dag_run");
  return rows[0]?.run_id ?? "";
};
const output = async (dagRunId: string) => {
  const rows = await sql<{ value: unknown }>(
    db.database,
    "select value from xcom join task_instance using (task_instance_id) where dag_run_id = $1::bigint",
    dagRunId,
  );
  return rows[0]?.value;
};

describe("a wait for an event", () => {
  beforeEach(() => register(db.database, waiting));

  test("holds no slot, and ends with the payload of the event", async () => {
    const [run = ""] = await beginWaits();
    expect(await one.claim(10)).toEqual([]);
    await one.tick();
    expect(await states(run)).toEqual({ go: "deferred", after: "none" });
    await client.sendEvent("go", { payload: [1, 2] });
    await two.tick();
    expect(await states(run)).toEqual({ go: "success", after: "scheduled" });
    expect(await output(run)).toEqual([1, 2]);
    expect(await sql(db.database, "select * from wake")).toEqual([]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("sees what was sent before it began, but not before its run was made", async () => {
    await client.sendEvent("go", { payload: "old" });
    const run = await insertRun(db.database, { dagId: "d", state: "queued" });
    await client.sendEvent("go", { payload: "early" });
    await one.tick();
    await one.finish(await one.claim(1), forEvent);
    await one.tick();
    expect(await output(run)).toBe("early");
  });

  test("sees what the transaction sent that asked for its run", async () => {
    await using held = await heldTransaction(db.database);
    await held.query("select tidemill.trigger('d', run_id => 'asked')");
    await held.query("select send_event('go', '1')");
    await held.commit();
    await one.tick({ carryOutRequests: () => carryOutRequests(one.database, one.bus) });
    await one.finish(await one.claim(1), forEvent);
    await one.tick();
    const [row] = await sql<{ dag_run_id: string }>(db.database, "select dag_run_id from dag_run");
    expect(await output(row?.dag_run_id ?? "")).toBe(1);
  });

  test("loses no event whose transaction goes on while the wait begins and looks", async () => {
    const run = await insertRun(db.database, { dagId: "d", state: "queued" });
    await using held = await heldTransaction(db.database);
    await held.query("select send_event('go', '1')");
    await one.startRuns();
    await one.finish(await one.claim(1), forEvent);
    await one.tick();
    expect(await states(run)).toMatchObject({ go: "deferred" });
    await held.commit();
    await one.tick();
    expect(await states(run)).toMatchObject({ go: "success" });
  });

  test("loses no event that is told while the wait is not committed yet", async () => {
    const run = await insertRun(db.database, { dagId: "d", state: "queued" });
    await one.startRuns();
    const claimed = await one.claim(1);
    // The wait begins in a transaction that cannot end before everybody was told.
    await using held = await heldTransaction(db.database);
    await held.query("lock table xcom in access exclusive mode");
    const begun = one.finish(claimed, forEvent);
    await client.sendEvent("go");
    await tellWakes(two.database);
    expect(await sql(db.database, "select * from wake")).toEqual([]);
    await held.commit();
    await begun;
    expect(await states(run)).toMatchObject({ go: "deferred" });
    await two.tick();
    expect(await states(run)).toMatchObject({ go: "success" });
  });

  test("looks although another task of the run ends between the event and the look", async () => {
    await register(
      db.database,
      dag("d", options, ({ waitForEvent, task }) => {
        waitForEvent("go", { event: "go" });
        task("other", { run: () => undefined });
      }),
    );
    const run = await insertRun(db.database, { dagId: "d", state: "queued" });
    await one.startRuns();
    const claimed = await one.claim(2);
    await one.finish(
      claimed.filter(({ taskId }) => taskId === "go"),
      forEvent,
    );
    await one.tick();
    await client.sendEvent("go");
    await tellWakes(two.database);
    await one.finish(claimed.filter(({ taskId }) => taskId === "other"));
    expect(await states(run)).toEqual({ go: "success", other: "success" });
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("fails for good when its time is over, and waits anew after a clear", async () => {
    const [run = ""] = await beginWaits();
    await sql(db.database, "update task_instance set wake_at = now() where state = 'deferred'");
    await two.tick();
    const [failed] = await sql<{ state: string; reason: string }>(
      db.database,
      "select state, reason from task_instance where task_id = 'go'",
    );
    expect(failed).toEqual({ state: "failed", reason: "timeout" });
    expect(await brokenInvariants(db.database)).toEqual({});
    const runId = await onlyRunId();
    await client.clearTasks({ dagId: "d", runId, onlyFailed: true });
    await client.sendEvent("go", { payload: "late" });
    await one.tick();
    await one.finish(await one.claim(1), forEvent);
    await one.tick();
    expect(await output(run)).toBe("late");
    // What has ended one wait does not end the next.
    await client.clearTasks({ dagId: "d", runId });
    await one.tick();
    await one.finish(await one.claim(1), forEvent);
    await one.tick();
    expect(await states(run)).toMatchObject({ go: "deferred" });
    await client.sendEvent("go", { payload: "again" });
    await one.tick();
    expect(await output(run)).toBe("again");
  });

  test("is ended by a cancel", async () => {
    const [run = ""] = await beginWaits();
    const runId = await onlyRunId();
    await client.cancelRun("d", runId);
    await client.sendEvent("go");
    await one.tick();
    expect(await states(run)).toEqual({ go: "cancelled", after: "cancelled" });
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("ten thousand of them take no slot, and all end, told in batches by two schedulers", async () => {
    const runs = 10_000;
    await sql(
      db.database,
      `with run as (
         insert into dag_run (dag_version_id, dag_id, run_id, run_type, state, triggered_by, run_after,
           data_interval_start, data_interval_end, started_at)
         select v.dag_version_id, 'd', 'r' || n, 'manual', 'running', 'test', now(), now(), now(), now()
         from dag d join dag_version v using (dag_version_id), generate_series(1, $1::integer) n
         returning dag_run_id)
       insert into task_instance (dag_run_id, task_id, state, try_number, hand_off, started_at, wake_key)
       select dag_run_id, t.task_id, t.state, t.tries, t.tries, now(), t.wake_key
       from run, (values ('go', 'deferred', 1, 'event:go'), ('after', 'none', 0, null))
         as t (task_id, state, tries, wake_key)`,
      runs,
    );
    expect(await one.claim(1)).toEqual([]);
    await client.sendEvent("go");
    for (let n = 0; n < 3; n++) await Promise.all([one.tick(), two.tick()]);
    const [left] = await sql<{ waiting: number; ready: number }>(
      db.database,
      `select count(*) filter (where state = 'deferred')::integer as waiting,
         count(*) filter (where state = 'scheduled')::integer as ready
       from task_instance`,
    );
    expect(left).toEqual({ waiting: 0, ready: runs });
    expect(await sql(db.database, "select * from wake")).toEqual([]);
  });

  test("ends for all who wait", async () => {
    const ids = await beginWaits(30);
    await client.sendEvent("go");
    await Promise.all([one.tick(), two.tick()]);
    await one.tick();
    for (const id of ids) expect(await states(id)).toMatchObject({ go: "success" });
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });
});

test("ten thousand sensors and retries that wait take no slot, no memory and no look", async () => {
  const most = 10_000;
  await register(db.database, plainDag("d", { a: [], b: [] }));
  await sql(
    db.database,
    `with run as (
       insert into dag_run (dag_version_id, dag_id, run_id, run_type, state, triggered_by, run_after,
         data_interval_start, data_interval_end, started_at)
       select v.dag_version_id, 'd', 'r' || n, 'manual', 'running', 'test', now(), now(), now(), now()
       from dag d join dag_version v using (dag_version_id), generate_series(1, $1::integer) n
       returning dag_run_id)
     insert into task_instance (dag_run_id, task_id, state, try_number, wake_at)
     select dag_run_id, t.task_id, t.state, 1, now() + interval '1 hour'
     from run, (values ('a', 'up_for_retry'), ('b', 'up_for_reschedule')) as t (task_id, state)`,
    most / 2,
  );
  await sql(db.database, "update dag set next_run_after = null");
  expect(await tickDue(one.database, 15_000)).toMatchObject({ has_queued: false, has_rest: false });
  await one.tick();
  expect(await one.claim(most)).toEqual([]);
  const [first] = await sql<{ dag_run_id: string }>(db.database, "select dag_run_id from dag_run");
  // Memory holds the runs that a hop was about, and no hop was about these.
  expect(one.cache.peek(first?.dag_run_id ?? "")).toBeUndefined();
});

test("an event with a key is sent once while it is kept", async () => {
  expect(await client.sendEvent("go", { key: "k" })).toEqual({ name: "go", isNew: true });
  expect(await client.sendEvent("go", { key: "k" })).toEqual({ name: "go", isNew: false });
  expect(await client.sendEvent("other", { key: "k" })).toEqual({ name: "other", isNew: true });
  await expect(client.sendEvent("no name")).rejects.toThrow('Event id "no name"');
  await expect(sql(db.database, "select send_event('no name')")).rejects.toThrow(
    'Event id "no name"',
  );
  for (const ttl of ["0", "-1 day", "36501 days"]) {
    await expect(
      sql(db.database, "select send_event('go', ttl => $1::text::interval)", ttl),
    ).rejects.toThrow('The ttl of event "go" is');
  }
  await expect(sql(db.database, "select send_event('go', ttl => null)")).rejects.toThrow("is null");
});

describe("a task that makes a run", () => {
  const source = dag("source", options, ({ triggerDag }) => {
    triggerDag("start", { dag: "target" });
  });
  const make: Outcome = { kind: "trigger", dagId: "target", params: "{}" };
  const targets = () =>
    sql<{ run_id: string; state: string }>(
      db.database,
      "select run_id, state from dag_run where dag_id = 'target' order by dag_run_id",
    );
  beforeEach(() => register(db.database, source, plainDag("target")));

  test("makes it with its own end, once; an attempt whose lease is gone makes none", async () => {
    await insertRun(db.database, { dagId: "source", runId: "s", state: "queued" });
    await one.startRuns();
    const [claimed] = await one.claim(1);
    if (!claimed) throw new Error("nothing claimed");
    const ghost = { ...claimed, lease: "00000000-0000-4000-8000-000000000000" };
    await two.finish([ghost], make);
    expect(await targets()).toEqual([]);
    await one.finish([claimed], make);
    await two.finish([claimed], make);
    expect(await targets()).toHaveLength(1);
    await client.clearTasks({ dagId: "source", runId: "s" });
    await one.startRuns();
    await one.finish(await one.claim(1), make);
    const made = await targets();
    expect(made.map((row) => row.run_id)).toEqual([
      `manual__t${claimed.taskInstanceId}_c0`,
      `manual__t${claimed.taskInstanceId}_c1`,
    ]);
  });

  test("fails with what is wrong, and makes nothing", async () => {
    const run = await insertRun(db.database, { dagId: "source", state: "queued" });
    await one.startRuns();
    await one.finish(await one.claim(1), { ...make, params: '{"no":1}' });
    expect(await states(run)).toEqual({ start: "failed" });
    expect(await targets()).toEqual([]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("a DAG that no file declares is refused at load", async () => {
    await expect(register(db.database, source)).rejects.toThrow(
      'names DAG "target", which no file declares',
    );
  });
});
