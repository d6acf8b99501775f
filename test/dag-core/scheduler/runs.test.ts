import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { enginePair } from "../../helpers/engine-pair.ts";
import { type EngineProcess, startedBy } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;

eachTest(
  () => enginePair(),
  (made) => void ({ db, one, two } = made),
);

const options = { schedule: null, startDate: "2026-01-01" } as const;
const queue = async (dagId: string, runs: number) => {
  const ids: string[] = [];
  for (let n = 0; n < runs; n++) ids.push(await insertRun(db.database, { dagId, state: "queued" }));
  return ids;
};
const counts = () =>
  sql(
    db.database,
    "select state, count(*)::integer as n from dag_run group by state order by state",
  );

describe("queued runs", () => {
  test("start in order, up to the limit of active runs, also where two schedulers start them", async () => {
    await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 3 }));
    const ids = await queue("d", 10);
    await Promise.all([one.startRuns(), two.startRuns(), one.startRuns()]);
    await one.startRuns();
    expect(await counts()).toEqual([
      { state: "queued", n: 7 },
      { state: "running", n: 3 },
    ]);
    const first = await sql<{ dag_run_id: string }>(
      db.database,
      "select dag_run_id from dag_run where state = 'running' order by dag_run_id",
    );
    expect(first.map((row) => row.dag_run_id)).toEqual(ids.slice(0, 3));
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a run that ends makes room for the next", async () => {
    await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 1 }));
    const [first = "", second = ""] = await queue("d", 2);
    await one.startRuns();
    await one.finish(await one.claim(10));
    await two.startRuns();
    expect(await instanceStates(db.database, first)).toEqual({ a: "success" });
    expect(await instanceStates(db.database, second)).toEqual({ a: "scheduled" });
  });

  test("of a paused DAG, of one that is gone, and those of later wait", async () => {
    await register(db.database, plainDag("paused"), plainDag("gone"), plainDag("later"));
    for (const dagId of ["paused", "gone", "later"]) await queue(dagId, 1);
    await sql(db.database, "update dag set is_paused = true where dag_id = 'paused'");
    await sql(db.database, "update dag set is_present = false where dag_id = 'gone'");
    await sql(
      db.database,
      "update dag_run set run_after = now() + interval '1 hour' where dag_id = 'later'",
    );
    expect(await one.startRuns()).toBe(0);
  });

  test("of a backfill have a limit and an order of their own", async () => {
    await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 1 }));
    await queue("d", 1);
    const ids = await queue("d", 4);
    await sql(
      db.database,
      `insert into backfill (dag_id, from_date, to_date, reprocess, run_backwards, max_active_runs, params, plan_hash, created_by)
       values ('d', now(), now(), 'none', true, 2, '{}', '', 'test')`,
    );
    await sql(db.database, `insert into "limit" values ('backfill_runs', '1', 2)`);
    await sql(
      db.database,
      `update dag_run set backfill_id = 1, run_type = 'backfill', backfill_ordinal = 100 - dag_run_id
       where dag_run_id = any($1::bigint[])`,
      ids,
    );
    await one.startRuns();
    const running = await sql<{ dag_run_id: string }>(
      db.database,
      "select dag_run_id from dag_run where state = 'running' and backfill_id = 1 order by dag_run_id",
    );
    expect(running.map((row) => row.dag_run_id)).toEqual(ids.slice(2));
    expect(await counts()).toEqual([
      { state: "queued", n: 2 },
      { state: "running", n: 3 },
    ]);
  });

  test("a run that cannot start holds up no other DAG", async () => {
    await register(db.database, plainDag("broken"), plainDag("sound"));
    await queue("broken", 1);
    await queue("sound", 1);
    await sql(
      db.database,
      `update dag_version set manifest = jsonb_set(manifest, '{tasks,0,retries}', '"many"') where dag_id = 'broken'`,
    );
    const failed = one.bus.next("scheduler.tick_failed");
    await one.tick();
    expect(await failed).toMatchObject({
      dagId: "broken",
      error: expect.stringContaining('"broken"'),
    });
    expect(await sql(db.database, "select dag_id from dag_run where state = 'running'")).toEqual([
      { dag_id: "sound" },
    ]);
  });
});

describe("a hop", () => {
  const line = plainDag("d", { a: [], b: ["a"], c: ["b"] });

  test("finishes, decides, and starts what follows, in one transaction", async () => {
    await register(db.database, line);
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    const [a] = await one.claim(10);
    const next = startedBy(await one.finish(a ? [a] : [], { kind: "success" }, 1));
    expect(next.map((running) => running.taskId)).toEqual(["b"]);
    expect(await instanceStates(db.database, run)).toEqual({
      a: "success",
      b: "running",
      c: "none",
    });
    const last = startedBy(await one.finish(next, { kind: "success" }, 1));
    await one.finish(last);
    expect(await counts()).toEqual([{ state: "success", n: 1 }]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("a result under a lease that is gone changes nothing", async () => {
    await register(db.database, line);
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    const [a] = await one.claim(10);
    if (!a) throw new Error("nothing claimed");
    const wrong = { ...a, lease: "00000000-0000-4000-8000-000000000000" };
    const { hop } = await one.finish([wrong]);
    expect(hop.fenced).toHaveLength(1);
    await one.finish([a]);
    const { hop: again } = await one.finish([a], { kind: "skipped", message: "late" });
    expect(again.fenced).toHaveLength(1);
    expect(await instanceStates(db.database, run)).toMatchObject({ a: "success", b: "scheduled" });
    expect(await sql(db.database, "select count(*)::integer as n from task_try")).toEqual([
      { n: 1 },
    ]);
  });

  test("sees what another process did to the run, though it remembers it", async () => {
    await register(db.database, plainDag("d", { a: [], b: [], end: ["a", "b"] }));
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    const [a, b] = await one.claim(10);
    if (!a || !b) throw new Error("nothing claimed");
    await one.finish([a]);
    const { hop } = await two.finish([b]);
    expect(hop.fenced).toEqual([]);
    expect(await instanceStates(db.database, run)).toMatchObject({ end: "scheduled" });
    await two.finish(await two.claim(1));
    expect(await counts()).toEqual([{ state: "success", n: 1 }]);
  });

  test("is tried again with what is there when somebody wrote without the lock", async () => {
    await register(db.database, plainDag("d", { a: [], b: [] }));
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    const [a, b] = await one.claim(10);
    if (!a || !b) throw new Error("nothing claimed");
    await sql(
      db.database,
      `update task_instance set state = 'skipped', lease_token = null, ended_at = now()
       where task_instance_id = $1::bigint`,
      a.taskInstanceId,
    );
    const { hop } = await one.finish([a, b]);
    expect(hop.fenced.map((report) => report.taskInstanceId)).toEqual([a.taskInstanceId]);
    expect(await instanceStates(db.database, run)).toEqual({ a: "skipped", b: "success" });
  });

  test("wakes what is due and lets the rest sleep", async () => {
    await register(db.database, plainDag("d", { a: [], b: [] }));
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    const again = { kind: "reschedule", afterMs: 3_600_000 } as const;
    await one.finish(await one.claim(10), again);
    await sql(db.database, "update task_instance set wake_at = now() where task_id = 'a'");
    await two.tick();
    expect(await instanceStates(db.database, run)).toEqual({
      a: "scheduled",
      b: "up_for_reschedule",
    });
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("of a paused DAG ends what runs and starts nothing", async () => {
    await register(db.database, line);
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    const running = await one.claim(10);
    await sql(db.database, "update dag set is_paused = true");
    await one.finish(running, { kind: "success" }, 5);
    expect(await one.claim(10)).toEqual([]);
    expect(await instanceStates(db.database, run)).toEqual({
      a: "success",
      b: "scheduled",
      c: "none",
    });
  });

  test("out of time ends the run, and each attempt has its line in the run log", async () => {
    await register(db.database, plainDag("d", { a: [], b: ["a"] }, { timeout: "1h" }));
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    await one.claim(10);
    await sql(db.database, "update dag_run set times_out_at = now()");
    await two.tick();
    expect(await instanceStates(db.database, run)).toEqual({ a: "failed", b: "skipped" });
    expect(await sql(db.database, "select task_id, state, reason from task_try")).toEqual([
      { task_id: "a", state: "failed", reason: "run_timeout" },
    ]);
    expect(await sql(db.database, "select kind from alert")).toEqual([{ kind: "dag_run.failed" }]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("one run that cannot be advanced holds up no other", async () => {
    await register(db.database, plainDag("d", { a: [] }));
    const [broken = "", sound = ""] = await queue("d", 2);
    await one.startRuns();
    await sql(db.database, "delete from task_ready");
    await sql(db.database, "update dag_run set needs_decision = true, changed = changed + 1");
    await sql(
      db.database,
      "create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$",
    );
    await sql(
      db.database,
      `create trigger refuse before insert on task_ready for each row when (new.dag_run_id = ${broken}) execute function refuse()`,
    );
    const failed = one.bus.next("scheduler.tick_failed");
    await one.tick();
    expect(await failed).toMatchObject({
      dagRunId: broken,
      error: expect.stringContaining("no room"),
    });
    const ready = await sql(db.database, "select dag_run_id from task_ready");
    expect(ready).toEqual([{ dag_run_id: sound }]);
  });
});

describe("a mapped task", () => {
  const mapped = dag("d", options, ({ task, each }) => {
    const list = task("list", { run: () => [1, 2, 3] });
    const item = each("item", { over: list, run: ({ item }) => item });
    task("end", { inputs: { item }, run: () => 1 });
  });
  const list = (length: number) => ({ kind: "success", output: "[]", listLength: length }) as const;

  test("gets as many instances as its list is long, and ends with them", async () => {
    await register(db.database, mapped);
    const [run = ""] = await queue("d", 1);
    await one.startRuns();
    await one.finish(await one.claim(10), list(3));
    expect(await instanceStates(db.database, run)).toEqual({
      list: "success",
      "item[0]": "scheduled",
      end: "none",
      "item[1]": "scheduled",
      "item[2]": "scheduled",
    });
    await one.finish(await two.claim(10));
    expect(await instanceStates(db.database, run)).toMatchObject({ end: "scheduled" });
    await one.finish(await one.claim(10));
    expect(await brokenInvariants(db.database)).toEqual({});
  });
});

describe("transactions", () => {
  test("a deadlock is run again, and its work is done once", async () => {
    await sql(db.database, "create table counter (n integer primary key, value integer not null)");
    await sql(db.database, "insert into counter values (1, 0), (2, 0)");
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    const add = (first: number, second: number) =>
      one.database.transaction(async (tx) => {
        await sql(tx, "update counter set value = value + 1 where n = $1::integer", first);
        arrived += 1;
        if (arrived === 2) both.resolve();
        await both.promise;
        await sql(tx, "update counter set value = value + 1 where n = $1::integer", second);
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    expect(arrived).toBeGreaterThanOrEqual(3);
    expect(await sql(db.database, "select value from counter")).toEqual([
      { value: 2 },
      { value: 2 },
    ]);
  });

  test("an error that is not transient is not tried again", async () => {
    let tries = 0;
    const fails = one.database.transaction(() => {
      tries += 1;
      return Promise.reject(new Error("no"));
    });
    await expect(fails).rejects.toThrow("no");
    expect(tries).toBe(1);
  });
});
