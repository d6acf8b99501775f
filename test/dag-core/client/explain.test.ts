import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { processRegister } from "../../../packages/dag-core/src/store/process.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, setInstance, sql } from "../../helpers/factory.ts";

let fixture: TestDatabase;
let runs = 0;
const client = () => createClient({ database: fixture.database, actor: "test:anna" });

beforeAll(async () => {
  fixture = await testDatabase();
  const { database } = fixture;
  const tasks = { extract: [], load: ["extract"] };
  await client().setPool("dwh", 1);
  await register(
    database,
    plainDag("orders", tasks, { maxActiveRuns: 1, defaults: { pool: "dwh", retries: 1 } }),
    plainDag("lone", tasks),
    plainDag("chain", { a: [], b: ["a"], c: ["b"] }),
    plainDag("narrow", { a: [], b: [] }, { maxActiveTasks: 1 }),
  );
});
afterAll(() => fixture.drop());

async function setup(dagId: string, states: Readonly<Record<string, string>>, state = "running") {
  const runId = `r${++runs}`;
  const given = { dagId, runId, state: state as "running" | "queued" };
  const id = await insertRun(fixture.database, given);
  for (const [task, taskState] of Object.entries(states)) {
    await setInstance(fixture.database, id, task, { state: taskState });
  }
  return { id, runId };
}

const why = async (dagId: string, runId: string, taskId?: string) =>
  (await client().explain(dagId, runId, taskId)).flatMap((one) => one.reasons);

describe("without any process", () => {
  test("a queued run: nobody is there to start it", async () => {
    const { runId } = await setup("lone", {}, "queued");
    expect(await why("lone", runId)).toContainEqual({
      reason: "no scheduler and no worker is alive",
      nextLook: 'after "tidemill scheduler"',
    });
  });
});

test("a task that failed because of another names the one that failed by itself", async () => {
  const { runId } = await setup("chain", {
    a: "failed",
    b: "upstream_failed",
    c: "upstream_failed",
  });
  expect(await why("chain", runId, "c")).toMatchObject([
    { reason: expect.stringContaining("ended as upstream_failed"), heldBy: ["a is failed"] },
  ]);
});

describe("with a scheduler", () => {
  beforeAll(async () => {
    await processRegister(fixture.database, {
      kind: "scheduler",
      host: "here",
      pid: 1,
      version: "0",
      capacity: 4,
    });
  });
  beforeEach(() =>
    sql(
      fixture.database,
      "update dag_run set state = 'cancelled', ended_at = now() where ended_at is null",
    ),
  );

  test("a task waits for the one before it, by name and state", async () => {
    const { runId } = await setup("lone", { extract: "running" });
    expect(await why("lone", runId, "load")).toEqual([
      {
        reason: "rule all_success, of 1 upstream: 1 unfinished",
        heldBy: ["extract is running"],
        nextLook: "when one of them ends",
      },
    ]);
  });

  test("a queued run behind the limit of its DAG: the runs that hold it", async () => {
    const first = await setup("orders", {});
    const second = await setup("orders", {}, "queued");
    expect(await why("orders", second.runId)).toEqual([
      {
        reason: "its DAG has as many runs as it may have at once (1)",
        heldBy: [first.runId],
        nextLook: "when one of them ends",
      },
    ]);
  });

  test("a queued run while no process has a free place: how many there are, and the setting", async () => {
    for (let n = 0; n < 3; n++) await setup("lone", { extract: "running" });
    const { runId } = await setup("lone", {}, "queued");
    expect(await why("lone", runId)).toMatchObject([{ reason: "nothing holds it" }]);
    await setup("lone", { extract: "running" });
    expect(await why("lone", runId)).toEqual([
      {
        reason:
          "all 4 places of 1 processes are taken: 4 attempts run; TIDEMILL_PARALLELISM and TIDEMILL_RUNNERS say how many may in each",
        nextLook: "when an attempt ends",
      },
    ]);
  });

  test("a full pool: who holds its slots", async () => {
    const holder = await setup("orders", { extract: "running" });
    await sql(
      fixture.database,
      `insert into "limit" (kind, name, capacity) values ('pool', 'dwh', -1) on conflict do nothing`,
    );
    await sql(
      fixture.database,
      `insert into limit_holder (kind, name, task_instance_id, slots)
       select 'pool', 'dwh', task_instance_id, 1 from task_instance
       where dag_run_id = $1::bigint and task_id = 'extract'`,
      holder.id,
    );
    const waiting = await setup("orders", { extract: "scheduled" });
    await sql(
      fixture.database,
      `insert into task_ready (task_instance_id, dag_run_id, priority_weight, pool_slots, order_at, dag_id, limits)
       select task_instance_id, dag_run_id, 1, 1, now(), 'orders', '{pool:dwh}' from task_instance
       where dag_run_id = $1::bigint and task_id = 'extract'`,
      waiting.id,
    );
    expect(await why("orders", waiting.runId, "extract")).toEqual([
      {
        reason: 'pool "dwh" is full: 1 of 1 taken',
        heldBy: [`orders / ${holder.runId} / extract`],
        nextLook: "when one of them ends",
      },
    ]);
    const [, pool] = await client().readModel.pools();
    expect(pool).toMatchObject({ pool: "dwh", slots: 1, taken: 1, running: 1, waiting: 1 });
    await sql(fixture.database, "delete from limit_holder where name = 'dwh'");
    await sql(fixture.database, "update pool set slots = 0 where pool = 'dwh'");
    expect(await why("orders", waiting.runId, "extract")).toMatchObject([
      {
        reason: 'pool "dwh" is full: 0 of 0 taken',
        nextLook: 'after "tidemill pools set dwh SLOTS"',
      },
    ]);
  });

  test("a retry: when it begins", async () => {
    const { runId, id } = await setup("orders", { extract: "up_for_retry" });
    const [row] = await sql<{ wake_at: Date }>(
      fixture.database,
      "select wake_at from task_instance where dag_run_id = $1::bigint and wake_at is not null",
      id,
    );
    const [reason] = await why("orders", runId, "extract");
    expect(reason?.nextLook).toBe(row?.wake_at.toISOString());
    expect(reason?.reason).toMatch(/^try 1 of at most \d failed; the next begins in (59m|1h)/);
  });

  test("a limit inside the run", async () => {
    const { runId } = await setup("narrow", { a: "running", b: "scheduled" });
    expect(await why("narrow", runId, "b")).toEqual([
      {
        reason: "at most 1 tasks of a run are active at once",
        heldBy: ["a"],
        nextLook: "when one of them ends",
      },
    ]);
  });

  test("a paused DAG and a file that cannot be imported", async () => {
    const { runId } = await setup("lone", { extract: "scheduled" });
    await client().pauseDag("lone", { why: "holidays" });
    await sql(
      fixture.database,
      "insert into import_error (file, message) values ('lone.ts', 'boom')",
    );
    const reasons = (await why("lone", runId, "extract")).map((one) => one.reason);
    expect(reasons).toContain('DAG "lone" is paused');
    expect(reasons).toContain("the file lone.ts of the DAG cannot be imported: boom");
    await sql(fixture.database, "delete from import_error");
    await client().unpauseDag("lone");
  });

  test("a paused backfill", async () => {
    await register(fixture.database, plainDag("daily", { a: [] }, { schedule: "@daily" }));
    const range = { dagId: "daily", from: "2026-01-01", to: "2026-01-01" };
    const { backfillId, plan } = await client().backfill.create(range);
    await client().backfill.pause(backfillId);
    expect(await why("daily", plan.entries[0]?.runId ?? "")).toEqual([
      {
        reason: `backfill ${backfillId} is paused`,
        nextLook: `after "tidemill backfill resume ${backfillId}"`,
      },
    ]);
  });
});

test("setPool: a task that wants more is named", async () => {
  const { database } = fixture;
  const wide = plainDag("wide", { a: [] }, { defaults: { pool: "small", poolSlots: 3 } });
  await client().setPool("small", 9);
  await register(database, wide);
  await expect(client().setPool("small", 2)).rejects.toMatchObject({
    code: "TIDEMILL_POOL_TOO_SMALL",
    message: expect.stringContaining('Task "a" of DAG "wide" wants 3 slots'),
  });
  await client().setPool("small", 3, { description: "few", why: "more room" });
  await client().setPool("small", 4);
  expect((await client().readModel.pools()).find((pool) => pool.pool === "small")).toMatchObject({
    slots: 4,
    description: "few",
  });
  const events = await sql(
    database,
    "select details ->> 'slots' as slots from event where name = 'pool.set' and details ->> 'pool' = 'small'",
  );
  expect(events).toEqual([{ slots: "9" }, { slots: "3" }, { slots: "4" }]);
});
