import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { dag, type Dag } from "@tidemill/dag-core";
import { cancelRun } from "../../../packages/dag-core/src/client/cancel-run.ts";
import { clearTasks } from "../../../packages/dag-core/src/client/clear-tasks.ts";
import { markRun } from "../../../packages/dag-core/src/client/mark-run.ts";
import { markTasks } from "../../../packages/dag-core/src/client/mark-tasks.ts";
import { taskInstanceRefuse } from "../../../packages/dag-core/src/store/refused-try.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, failed, type Running } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let engine: EngineProcess;
const scope = () => ({ database: db.database, actor: "test" });

beforeEach(async () => {
  db = await testDatabase();
  engine = await EngineProcess.start(db.url);
});
afterEach(async () => {
  await engine[Symbol.asyncDispose]();
  await db.drop();
});

const nothing = { run: () => undefined };
/** make >> (left, right) >> last, and unmake after all of them. */
const clustered = (given: object = {}): Dag =>
  dag("d", { schedule: null, startDate: "2026-01-01", ...given }, ({ task, setup, teardown }) => {
    const make = setup("make", nothing);
    const left = task("left", { after: [make], ...nothing });
    const right = task("right", { after: [make], retries: 1, ...nothing });
    const last = task("last", { after: [left, right], ...nothing });
    teardown("unmake", { of: [make], after: [last], ...nothing });
  });

/** A run whose left and right run. */
async function underWay(which: Dag) {
  await register(db.database, which);
  const id = await insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
  await engine.startRuns();
  await engine.finish(await engine.claim(10));
  const running = await engine.claim(10);
  const named = (taskId: string) => running.filter((one) => one.taskId === taskId);
  return { id, left: named("left"), right: named("right") };
}

const states = (id: string) => instanceStates(db.database, id);
const finishUnmake = async () => {
  const claimed: readonly Running[] = await engine.claim(10);
  expect(claimed.map((one) => one.taskId)).toEqual(["unmake"]);
  await engine.finish(claimed);
};
const runRow = async (id: string) => {
  const text = "select state, reason, verdict from dag_run where dag_run_id = $1::bigint";
  return (await sql(db.database, text, id))[0];
};
const tries = () =>
  sql(db.database, "select task_id, state, reason from task_try order by task_id");

test("failFast: one failure ends what runs and what waits, and the teardown runs", async () => {
  const { id, left, right } = await underWay(clustered({ failFast: true }));
  const { hop } = await engine.finish(left, failed);
  expect(hop.revoked.map(({ lease }) => lease)).toEqual(right.map(({ lease }) => lease));
  expect(await states(id)).toEqual({
    make: "success",
    left: "failed",
    right: "failed",
    last: "skipped",
    unmake: "scheduled",
  });
  expect(await tries()).toEqual([
    { task_id: "left", state: "failed", reason: "error" },
    { task_id: "make", state: "success", reason: null },
    { task_id: "right", state: "failed", reason: "fail_fast" },
  ]);
  const late = await engine.finish(right);
  expect(late.hop.fenced).toHaveLength(1);
  await finishUnmake();
  expect(await runRow(id)).toMatchObject({ state: "failed", reason: "error" });
  expect(await brokenInvariants(db.database)).toEqual({});
});

describe("failFast, after a failure that was written apart from its run", () => {
  type Failing = (left: Running) => Promise<unknown>;
  const rows: readonly (readonly [string, Failing])[] = [
    ["could not be stored", (left) => taskInstanceRefuse(db.database, left, failed.error)],
    [
      "was marked by hand",
      () => markTasks(scope(), { dagId: "d", runId: "r", taskIds: ["left"], state: "failed" }),
    ],
  ];

  test.each(rows)("one that %s ends the run", async (_name, fail) => {
    const { id, left, right } = await underWay(clustered({ failFast: true }));
    for (const one of left) await fail(one);
    await engine.tick();
    expect(await states(id)).toMatchObject({ left: "failed", right: "failed", last: "skipped" });
    expect(await tries()).toContainEqual({
      task_id: "right",
      state: "failed",
      reason: "fail_fast",
    });
    expect((await engine.finish(right)).hop.fenced).toHaveLength(1);
    await finishUnmake();
    expect(await runRow(id)).toMatchObject({ state: "failed", reason: "error" });
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test.each(rows)("one that %s holds back no task that is cleared later", async (_name, fail) => {
    const { id, left } = await underWay(clustered({ failFast: true }));
    for (const one of left) await fail(one);
    await engine.tick();
    await finishUnmake();
    await clearTasks(scope(), { dagId: "d", runId: "r", taskIds: ["right"], downstream: false });
    await engine.startRuns();
    await engine.finish(await engine.claim(1));
    expect(await states(id)).toMatchObject({ left: "failed", right: "scheduled" });
  });
});

test("failFast waits for the last try of a task", async () => {
  const { id, right } = await underWay(clustered({ failFast: true }));
  const retried = { ...failed, retry: "policy" } as const;
  await engine.finish(right, retried);
  expect(await states(id)).toMatchObject({ left: "running", right: "up_for_retry", last: "none" });
});

test("out of time: the work ends, the teardown runs, and the run has failed after it", async () => {
  const { id } = await underWay(clustered({ timeout: "1h" }));
  await sql(db.database, "update dag_run set times_out_at = now()");
  await engine.tick();
  expect(await states(id)).toEqual({
    make: "success",
    left: "failed",
    right: "failed",
    last: "skipped",
    unmake: "scheduled",
  });
  expect(await runRow(id)).toEqual({ state: "running", reason: null, verdict: "failed" });
  await engine.tick();
  await finishUnmake();
  expect(await runRow(id)).toEqual({ state: "failed", reason: "run_timeout", verdict: null });
  expect(await sql(db.database, "select kind from alert")).toEqual([{ kind: "dag_run.failed" }]);
});

describe("by hand", () => {
  test("marked failed: what runs has failed, the rest is skipped, and the run fails after its teardown", async () => {
    const { id } = await underWay(clustered());
    const dry = await markRun(scope(), "d", "r", { state: "failed", dryRun: true });
    expect(await states(id)).toMatchObject({ left: "running" });
    const done = await markRun(scope(), "d", "r", { state: "failed", why: "wrong file" });
    expect(done).toEqual({ isDryRun: false, runId: "r", tasks: 3, teardowns: 1 });
    expect(dry).toEqual({ ...done, isDryRun: true });
    await engine.tick();
    expect(await states(id)).toEqual({
      make: "success",
      left: "failed",
      right: "failed",
      last: "skipped",
      unmake: "scheduled",
    });
    await finishUnmake();
    expect(await runRow(id)).toEqual({ state: "failed", reason: "manual", verdict: null });
    expect(await sql(db.database, "select kind from alert")).toEqual([{ kind: "dag_run.failed" }]);
  });

  test("marked a success: all its tasks are, and the run is one after its teardown", async () => {
    const { id } = await underWay(clustered());
    await markRun(scope(), "d", "r", { state: "success" });
    await engine.tick();
    expect(await states(id)).toMatchObject({
      left: "success",
      last: "success",
      unmake: "scheduled",
    });
    expect(await runRow(id)).toMatchObject({ state: "running" });
    await finishUnmake();
    expect(await runRow(id)).toMatchObject({ state: "success", verdict: null });
  });

  test("cancelled: the run is cancelled after its teardown, and at once when cancelled again", async () => {
    const { id } = await underWay(clustered());
    expect(await cancelRun(scope(), "d", "r")).toMatchObject({ tasks: 3, teardowns: 1 });
    expect(await runRow(id)).toMatchObject({ state: "running", verdict: "cancelled" });
    await engine.tick();
    await finishUnmake();
    expect(await runRow(id)).toEqual({ state: "cancelled", reason: "manual", verdict: null });
    expect(await sql(db.database, "select kind from alert")).toEqual([]);
    const { runId } = await secondRun();
    await cancelRun(scope(), "d", runId);
    expect(await cancelRun(scope(), "d", runId)).toMatchObject({ tasks: 1, teardowns: 0 });
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  async function secondRun() {
    const id = await insertRun(db.database, { dagId: "d", runId: "second", state: "queued" });
    await engine.startRuns();
    await engine.finish(await engine.claim(10));
    return { id, runId: "second" };
  }

  test("a run that was stopped and is cleared goes on to an end of its own", async () => {
    const { id } = await underWay(clustered());
    await markRun(scope(), "d", "r", { state: "failed" });
    await clearTasks(scope(), { dagId: "d", runId: "r", onlyFailed: true });
    expect(await runRow(id)).toMatchObject({ state: "running", verdict: null });
  });

  test("a run that has ended or has not begun is marked at once", async () => {
    await register(db.database, clustered());
    const ended = await insertRun(db.database, { dagId: "d", runId: "ended", state: "failed" });
    const queued = await insertRun(db.database, { dagId: "d", runId: "queued", state: "queued" });
    await sql(db.database, "update task_instance set state = 'failed', ended_at = now()");
    await markRun(scope(), "d", "ended", { state: "success" });
    await markRun(scope(), "d", "queued", { state: "failed" });
    expect(await runRow(ended)).toMatchObject({ state: "success", reason: "manual" });
    expect(await runRow(queued)).toMatchObject({ state: "failed", reason: "manual" });
    expect(new Set(Object.values(await states(ended)))).toEqual(new Set(["success"]));
  });
});

test("clearing work clears what was set up for it, and what takes that away", async () => {
  const { left, right } = await underWay(clustered());
  await engine.finish([...left, ...right]);
  await engine.finish(await engine.claim(1));
  await finishUnmake();
  const { tasks } = await clearTasks(scope(), { dagId: "d", runId: "r", taskIds: ["left"] });
  expect(tasks.map((task) => task.taskId)).toEqual(["make", "left", "unmake"]);
});

test("work that needs a setup only indirectly goes on when that has been made again", async () => {
  const { id, left, right } = await underWay(clustered());
  await engine.finish([...left, ...right]);
  await engine.finish(await engine.claim(1));
  await finishUnmake();
  await clearTasks(scope(), { dagId: "d", runId: "r", taskIds: ["last"] });
  await engine.startRuns();
  expect(await states(id)).toMatchObject({ make: "scheduled", left: "success", last: "none" });
  await engine.finish(await engine.claim(1));
  expect(await states(id)).toMatchObject({ make: "success", last: "scheduled" });
});
