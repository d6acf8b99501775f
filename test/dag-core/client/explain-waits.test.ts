import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import type { Client } from "@tidemill/dag-core/client";
import { examine } from "../../../packages/dag-core/src/cli/examine.ts";
import { loadConfig } from "../../../packages/dag-core/src/kernel/config.ts";
import { limitInstallation } from "../../../packages/dag-core/src/store/limit.ts";
import { stuckList } from "../../../packages/dag-core/src/store/stuck.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { singleEngine } from "../../helpers/engine-pair.ts";
import type { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, setInstance, sql } from "../../helpers/factory.ts";

let db: TestDatabase;
let one: EngineProcess;
let client: Client;

eachTest(singleEngine, (made) => void ({ db, one, client } = made));

const tick = () => one.tick({ createsRuns: false });
const why = async (runId: string, taskId?: string) =>
  (await client.explain("d", runId, taskId)).flatMap((one) => one.reasons);
const stuck = () => stuckList(db.database);
const past = { schedule: "@daily", defaults: { dependsOnPast: true } } as const;
const daily = (n: number, state: "queued" | "running" | "failed" = "queued") =>
  insertRun(db.database, {
    dagId: "d",
    runId: `day${n}`,
    runType: "scheduled",
    state,
    interval: [`2026-01-0${n}T00:00Z`, `2026-01-0${n + 1}T00:00Z`],
  });

describe("the past", () => {
  test("a run that has not started: which tasks of which run it waits for", async () => {
    await register(db.database, plainDag("d", { a: [], b: ["a"] }, past));
    const first = await daily(1, "failed");
    await sql(
      db.database,
      "update task_instance set state = 'failed', ended_at = now() where dag_run_id = $1::bigint",
      first,
    );
    await daily(2);
    await tick();
    expect(await why("day2")).toEqual([
      {
        reason: 'it waits for its past, run "day1"',
        heldBy: ["a is failed"],
        nextLook:
          'after "tidemill tasks clear d day1 --only-failed" when they succeed there, or after "tidemill tasks mark d day1 a --state success"',
      },
    ]);
    expect(await stuck()).toEqual([]);
  });

  test("a run that was cancelled before it started: what puts another in its place", async () => {
    await register(db.database, plainDag("d", { a: [] }, past));
    await daily(1);
    await client.cancelRun("d", "day1");
    await daily(2);
    await tick();
    const [reason] = await why("day2");
    expect(reason?.nextLook).toContain(
      '"tidemill backfill create d --from-date 2026-01-01T00:00:00.000Z --to-date 2026-01-01T00:00:00.000Z --reprocess-behavior failed"',
    );
    const date = "2026-01-01T00:00:00.000Z";
    const range = { dagId: "d", from: date, to: date, reprocess: "failed" } as const;
    expect((await client.backfill.plan(range)).counts).toMatchObject({ create: 1 });
  });

  test("a task of a run under way, and a run that gave its place back", async () => {
    await register(db.database, plainDag("d", { a: [], b: ["a"], c: [] }, { schedule: "@daily" }));
    await register(
      db.database,
      dag("d", { schedule: "@daily", startDate: "2026-01-01" }, ({ task }) => {
        const a = task("a", { run: () => undefined });
        task("b", { after: [a], dependsOnPast: true, run: () => undefined });
        task("c", { run: () => undefined });
      }),
    );
    const first = await daily(1, "running");
    await setInstance(db.database, first, "b", { state: "running" });
    await daily(2);
    await tick();
    const claimed = await one.claim(10);
    await one.finish(claimed.filter(({ taskId }) => taskId === "a"));
    const held = {
      reason: 'it waits for its past, run "day1"',
      heldBy: ["b is running"],
      nextLook: "when they have succeeded or were skipped there, within a second or so",
    };
    expect(await why("day2", "b")).toMatchObject([held]);
    await one.finish(claimed.filter(({ taskId }) => taskId === "c"));
    const [run] = await sql(db.database, "select state from dag_run where run_id = 'day2'");
    expect(run).toEqual({ state: "queued" });
    expect(await why("day2")).toMatchObject([held]);
  });
});

test("a limit of the installation: who holds it", async () => {
  await register(db.database, plainDag("d", { a: [], b: [] }));
  await limitInstallation(db.database, 1);
  await insertRun(db.database, { dagId: "d", runId: "r1", state: "queued" });
  await tick();
  const [running] = await one.claim(5);
  const waiting = running?.taskId === "a" ? "b" : "a";
  expect(await why("r1", waiting)).toEqual([
    {
      reason: 'the limit of the installation "tries" is full: 1 of 1 taken',
      heldBy: [`d / r1 / ${running?.taskId}`],
      nextLook: "when one of them ends",
    },
  ]);
});

test("a concurrency key, the limits of a DAG and of a task over its runs: who holds them", async () => {
  await register(
    db.database,
    dag("d", { schedule: null, startDate: "2026-01-01", maxActiveTasksPerDag: 1 }, ({ task }) => {
      task("a", { concurrencyKey: "api", maxActivePerDag: 1, run: () => undefined });
    }),
  );
  for (const runId of ["r1", "r2"]) {
    await insertRun(db.database, { dagId: "d", runId, state: "queued" });
  }
  await tick();
  await one.claim(5);
  const reasons = await why("r2", "a");
  expect(reasons.map(({ reason }) => reason)).toEqual([
    'the limit of tasks of DAG "d" is full: 1 of 1 taken',
    'concurrency key "api" is full: 1 of 1 taken',
    'the limit of the task "d/a" is full: 1 of 1 taken',
  ]);
  expect(new Set(reasons.flatMap(({ heldBy = [] }) => heldBy))).toEqual(new Set(["d / r1 / a"]));
});

test("the share of backfills: what else waits", async () => {
  await register(db.database, plainDag("d", { a: [] }, { schedule: "@daily" }), plainDag("other"));
  await client.backfill.create({ dagId: "d", from: "2026-01-01", to: "2026-01-01" });
  await insertRun(db.database, { dagId: "other", state: "queued" });
  await tick();
  const [run] = await sql<{ run_id: string }>(
    db.database,
    "select run_id from dag_run where dag_id = 'd'",
  );
  expect(await why(run?.run_id ?? "", "a")).toEqual([
    {
      reason:
        "it is ready; backfills take at most their share while other work waits, and 1 tasks of other runs do",
      nextLook: "when an attempt of a backfill ends, or nothing else waits",
    },
  ]);
});

test("a version that is not loaded, and a sensor that asks again, are told apart", async () => {
  await register(
    db.database,
    dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task, sensor }) => {
      task("a", { run: () => undefined });
      sensor("s", { every: "1m", timeout: "1h", poke: () => undefined });
    }),
  );
  await insertRun(db.database, { dagId: "d", runId: "r1", state: "queued" });
  await tick();
  const claimed = await one.claim(5);
  await one.finish(
    claimed.filter(({ taskId }) => taskId === "s"),
    { kind: "reschedule", afterMs: 60_000 },
  );
  const unloaded = { kind: "wrong_version", missing: "dag" } as const;
  await one.finish(
    claimed.filter(({ taskId }) => taskId === "a"),
    unloaded,
  );
  expect(await why("r1", "a")).toEqual([
    {
      reason: "it is ready; the process that took it had not loaded this version of the DAG",
      nextLook: "when a process takes it that has, or loads it",
    },
  ]);
  await one.finish(await one.claim(5), unloaded);
  const [a] = await why("r1", "a");
  expect(a?.reason).toMatch(
    /^the process that took it had not loaded this version of the DAG; it is offered again in [45]/,
  );
  expect(a?.nextLook).toMatch(/^20\d\d-/);
  const [s] = await why("r1", "s");
  expect(s?.reason).toMatch(/^it asked and found nothing yet; it asks again in (59|60|1m)/);
  expect(await stuck()).toEqual([]);
});

test("what a deferred task waits for", async () => {
  await register(db.database, plainDag("d", { a: [], b: [], c: [] }));
  const id = await insertRun(db.database, { dagId: "d", runId: "r1" });
  const keys = {
    a: "event:orders.approved",
    b: "run:other#r9",
    c: "run:other@2026-01-01T00:00:00.000Z",
  };
  for (const [taskId, key] of Object.entries(keys)) {
    await sql(
      db.database,
      "update task_instance set state = 'deferred', wake_key = $3 where dag_run_id = $1::bigint and task_id = $2",
      id,
      taskId,
      key,
    );
  }
  expect(await why("r1")).toEqual([
    {
      reason: 'it waits for event "orders.approved"',
      nextLook: 'after "tidemill events send orders.approved"',
    },
    {
      reason: "it waits for a run of another DAG",
      heldBy: ["other / r9"],
      nextLook: "when that run ends",
    },
    {
      reason: 'it waits for the run of DAG "other" about 2026-01-01T00:00:00.000Z',
      heldBy: ["other"],
      nextLook: "when that run ends",
    },
  ]);
  expect(await stuck()).toEqual([]);
});

test("a run that may not start yet, and processes that are silent", async () => {
  await register(db.database, plainDag("d"));
  await insertRun(db.database, { dagId: "d", runId: "later", state: "queued" });
  await sql(db.database, "update dag_run set run_after = now() + interval '1 hour'");
  const [reason] = await why("later");
  expect(reason?.reason).toMatch(/^it may not start before 20.*, in (1h|59|60)/);
  expect(reason?.nextLook).toMatch(/^20\d\d-/);
  await one.fallSilent();
  expect((await why("later")).map((one) => one.reason)).toContain(
    "no scheduler and no worker is alive",
  );
});

describe("stuck", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "a task that its run forgot",
      "update task_instance set state = 'success', ended_at = now() where task_id = 'a'",
    ],
    [
      "a ready task that nobody can claim",
      "update task_instance set state = 'scheduled' where task_id = 'a'",
    ],
    [
      "a time that was missed",
      "update task_instance set state = 'up_for_retry', wake_at = now() - interval '1 hour' where task_id = 'a'",
    ],
    [
      "a process that is gone",
      "update task_instance set state = 'running', lease_token = gen_random_uuid(), process_id = 99 where task_id = 'a'",
    ],
  ];
  test.each(cases)("%s is found", async (_, broken) => {
    await register(db.database, plainDag("d", { a: [], b: ["a"] }));
    await insertRun(db.database, { dagId: "d", runId: "r1", state: "queued" });
    await tick();
    expect(await stuck()).toEqual([]);
    expect((await client.readModel.health()).stuck).toBeUndefined();
    await sql(db.database, "delete from task_ready");
    await sql(db.database, broken);
    expect((await client.readModel.health()).problems).toContainEqual(
      expect.stringContaining("d / r1 / "),
    );
    expect(await stuck()).toMatchObject([{ dag_id: "d", run_id: "r1" }]);
  });

  test("a run that waits for a past which nobody looks after is found", async () => {
    await register(db.database, plainDag("d", { a: [] }, past));
    await daily(1, "running");
    await daily(2);
    await tick();
    await sql(db.database, "update task_instance set state = 'skipped', ended_at = now()");
    await sql(
      db.database,
      "update dag_run set state = 'success', ended_at = now() where run_id = 'day1'",
    );
    expect(await stuck()).toEqual([]);
    const findings = () => examine(loadConfig({ env: { TIDEMILL_DATABASE_URL: db.url } }));
    expect((await findings()).filter((one) => one.subject === "stuck")).toEqual([]);
    await sql(db.database, "delete from past_wait");
    expect(await findings()).toContainEqual({
      subject: "stuck",
      verdict: "problem",
      says: expect.stringContaining("d / day2"),
    });
    expect(await stuck()).toEqual([
      { dag_id: "d", run_id: "day2", task_id: null, map_index: null, state: "queued" },
    ]);
  });
});
