import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { cancelRun } from "../../../packages/dag-core/src/client/cancel-run.ts";
import { clearTasks } from "../../../packages/dag-core/src/client/clear-tasks.ts";
import { markTasks } from "../../../packages/dag-core/src/client/mark-tasks.ts";
import { trigger } from "../../../packages/dag-core/src/client/trigger.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import {
  insertRun,
  instanceStates,
  plainDag,
  register,
  setInstance,
  sql,
} from "../../helpers/factory.ts";

const dagId = "orders";
const january = ["2026-01-05T00:00Z", "2026-01-06T00:00Z"] as const;
let fixture: TestDatabase;
const scope = () => ({ database: fixture.database, actor: "test:anna" });

beforeAll(async () => {
  fixture = await testDatabase();
  const tasks = { extract: [], load: ["extract"], report: ["load"], audit: ["extract"] };
  await register(
    fixture.database,
    plainDag(dagId, tasks, { schedule: "@daily", defaults: { retries: 2 } }),
    dag("mapped", { schedule: null, startDate: "2026-01-01" }, ({ task, each }) => {
      const items = task("list", { run: () => [1, 2, 3] });
      each("item", { over: items, run: ({ item }) => item });
    }),
  );
});
afterAll(() => fixture.drop());

interface Setup {
  readonly state?: "queued" | "running" | "success" | "failed" | "cancelled";
  readonly interval?: readonly [string, string];
  readonly states?: Readonly<Record<string, string>>;
}

async function setup({ state = "failed", interval, states = {} }: Setup = {}) {
  const { database } = fixture;
  const runId = `r_${Math.random().toString(36).slice(2)}`;
  const id = await insertRun(database, { dagId, runId, state, ...(interval && { interval }) });
  for (const [taskId, taskState] of Object.entries(states)) {
    await setInstance(database, id, taskId, { state: taskState, tryNumber: 3 });
  }
  return { id, runId };
}

async function runRow(id: string) {
  const [row] = await sql<Record<string, unknown>>(
    fixture.database,
    `select state, reason, clear_number, changed::int, needs_decision, ended_at is null as is_open,
       started_at is null as is_new, (select count(*)::int from dag_run_interval i
         where i.dag_run_id = r.dag_run_id) as intervals
     from dag_run r where dag_run_id = $1::bigint`,
    id,
  );
  return row;
}

const failedRun = {
  extract: "success",
  load: "failed",
  report: "upstream_failed",
  audit: "success",
} as const;

describe("clear", () => {
  test("gives a task all its tries again and lets the run start again", async () => {
    const { id, runId } = await setup({ states: failedRun });
    const { tasks } = await clearTasks(scope(), { dagId, runId, taskIds: ["load"] });
    expect(tasks.map((task) => `${task.taskId} ${task.state}`)).toEqual([
      "load failed",
      "report upstream_failed",
    ]);
    expect(await instanceStates(fixture.database, id)).toEqual({
      extract: "success",
      load: "none",
      report: "none",
      audit: "success",
    });
    const [load] = await sql(
      fixture.database,
      `select try_number, max_tries, cleared_at_try, clear_number, ended_at from task_instance
       where dag_run_id = $1::bigint and task_id = 'load'`,
      id,
    );
    expect(load).toEqual({
      try_number: 3,
      max_tries: 5,
      cleared_at_try: 3,
      clear_number: 1,
      ended_at: null,
    });
    expect(await runRow(id)).toMatchObject({
      state: "queued",
      reason: null,
      clear_number: 1,
      is_open: true,
      is_new: true,
    });
  });

  test("a dry run lists the same and changes nothing", async () => {
    const { id, runId } = await setup({ states: failedRun });
    const before = await runRow(id);
    const dry = await clearTasks(scope(), { dagId, runId, taskIds: ["load"], dryRun: true });
    expect(dry.isDryRun).toBe(true);
    expect(await runRow(id)).toEqual(before);
    expect(await instanceStates(fixture.database, id)).toEqual(failedRun);
    const wet = await clearTasks(scope(), { dagId, runId, taskIds: ["load"] });
    expect(wet.tasks).toEqual(dry.tasks);
  });

  test.each([
    [{ taskIds: ["load"], upstream: true }, ["extract", "load", "report"]],
    [{ taskIds: ["extract"], downstream: true }, ["extract", "load", "report", "audit"]],
    [{ taskRegex: "^(load|audit)$" }, ["load", "report", "audit"]],
    [{ onlyFailed: true }, ["load", "report"]],
    [{}, ["extract", "load", "report", "audit"]],
  ])("%j chooses %j", async (choice, chosen) => {
    const { runId } = await setup({ states: failedRun });
    const { tasks } = await clearTasks(scope(), { dagId, runId, ...choice, dryRun: true });
    expect(tasks.map((task) => task.taskId)).toEqual(chosen);
  });

  test("what was cancelled counts as failed; only what runs is chosen where that is asked for", async () => {
    const states = { extract: "success", load: "cancelled", report: "failed", audit: "running" };
    const { runId } = await setup({ state: "running", states });
    const chosen = async (choice: object) => {
      const { tasks } = await clearTasks(scope(), { dagId, runId, ...choice, dryRun: true });
      return tasks.map((task) => task.taskId);
    };
    expect(await chosen({ onlyFailed: true })).toEqual(["load", "report"]);
    expect(await chosen({ onlyRunning: true })).toEqual(["audit"]);
  });

  test("a task of a cancelled run takes along what was cancelled after it", async () => {
    const states = {
      extract: "cancelled",
      load: "cancelled",
      report: "cancelled",
      audit: "cancelled",
    };
    const { runId } = await setup({ state: "cancelled", states });
    const choice = { dagId, runId, taskIds: ["load"], dryRun: true } as const;
    const { tasks } = await clearTasks(scope(), choice);
    expect(tasks.map((task) => task.taskId)).toEqual(["load", "report"]);
  });

  test("a task that runs loses its lease, its place and its limits, and is in the run log", async () => {
    const { id, runId } = await setup({ state: "running", states: { extract: "running" } });
    const { database } = fixture;
    await sql(
      database,
      `insert into limit_holder (kind, name, task_instance_id, slots)
       select 'pool', 'dwh', task_instance_id, 1 from task_instance
       where dag_run_id = $1::bigint and task_id = 'extract'`,
      id,
    );
    await clearTasks(scope(), { dagId, runId, taskIds: ["extract"], why: "stuck" });
    const [left] = await sql(
      database,
      `select i.state, i.lease_token, t.state as try_state, t.reason,
         (select count(*)::int from limit_holder h where h.task_instance_id = i.task_instance_id) as held
       from task_instance i join task_try t using (task_instance_id)
       where i.dag_run_id = $1::bigint and i.task_id = 'extract'`,
      id,
    );
    expect(left).toEqual({
      state: "none",
      lease_token: null,
      try_state: "cancelled",
      reason: "manual",
      held: 0,
    });
    expect(await runRow(id)).toMatchObject({ state: "running", changed: 1, needs_decision: true });
  });

  test("a cancelled run covers its interval again, unless another does", async () => {
    const own = await setup({ state: "cancelled", interval: january });
    await clearTasks(scope(), { dagId, runId: own.runId });
    expect(await runRow(own.id)).toMatchObject({ state: "queued", intervals: 1 });
    const second = await setup({ state: "cancelled", interval: january });
    await expect(clearTasks(scope(), { dagId, runId: second.runId })).rejects.toMatchObject({
      code: "TIDEMILL_INTERVAL_COVERED",
    });
    expect(await runRow(second.id)).toMatchObject({ state: "cancelled", clear_number: 0 });
    await sql(
      fixture.database,
      "delete from dag_run_interval where dag_run_id = $1::bigint",
      own.id,
    );
  });

  test("a range clears run by run", async () => {
    const days = [10, 11, 12].map((day) => {
      return [`2026-03-${day}T00:00Z`, `2026-03-${day + 1}T00:00Z`] as const;
    });
    for (const interval of days) await setup({ interval, states: failedRun });
    const range = { dagId, from: "2026-03-10", to: "2026-03-11" };
    const { runIds, tasks } = await clearTasks(scope(), { ...range, onlyFailed: true });
    expect({ runs: runIds.length, tasks: tasks.length }).toEqual({ runs: 2, tasks: 4 });
  });

  test("a mapped task that is cleared whole is expanded again; one instance stays one", async () => {
    const { database } = fixture;
    const id = await insertRun(database, { dagId: "mapped", runId: "m", state: "failed" });
    await setInstance(database, id, "list", { state: "success" });
    await sql(
      database,
      `update task_instance set map_index = 0 where dag_run_id = $1::bigint and task_id = 'item'`,
      id,
    );
    await sql(
      database,
      `insert into task_instance (dag_run_id, task_id, map_index)
       select $1::bigint, 'item', n from generate_series(1, 2) n`,
      id,
    );
    await setInstance(database, id, "item", { state: "success" });
    const one = { dagId: "mapped", runId: "m", taskIds: ["item"], mapIndex: 1 };
    await clearTasks(scope(), one);
    const states = { list: "success", "item[0]": "success", "item[1]": "none" };
    expect(await instanceStates(database, id)).toEqual({ ...states, "item[2]": "success" });
    await clearTasks(scope(), { dagId: "mapped", runId: "m", taskIds: ["item"] });
    expect(await instanceStates(database, id)).toEqual({
      list: "success",
      item: "none",
      "item[1]": "removed",
      "item[2]": "removed",
    });
  });
});

describe("cancel", () => {
  test("ends everything, frees the interval, and says who did it", async () => {
    const interval = ["2026-02-05T00:00Z", "2026-02-06T00:00Z"] as const;
    const states = { extract: "success", load: "running", report: "none", audit: "up_for_retry" };
    const { id, runId } = await setup({ state: "running", interval, states });
    const dry = await cancelRun(scope(), dagId, runId, { dryRun: true });
    expect(await runRow(id)).toMatchObject({ state: "running", changed: 0 });
    const done = await cancelRun(scope(), dagId, runId, { why: "wrong params" });
    expect([dry.tasks, done.tasks]).toEqual([3, 3]);
    expect(await instanceStates(fixture.database, id)).toEqual({
      extract: "success",
      load: "cancelled",
      report: "cancelled",
      audit: "cancelled",
    });
    expect(await runRow(id)).toMatchObject({ state: "cancelled", reason: "manual", intervals: 0 });
    const events = await sql(
      fixture.database,
      `select name, actor, details ->> 'why' as why from event where dag_run_id = $1::bigint`,
      id,
    );
    expect(events).toEqual([
      { name: "dag_run.cancelled", actor: "test:anna", why: "wrong params" },
    ]);
    const again = await trigger(scope(), dagId, { interval: "2026-02-05" });
    expect(again.logicalDate?.toISOString()).toBe("2026-02-05T00:00:00.000Z");
  });

  test("a run that has ended is left as it is", async () => {
    const { runId } = await setup({ state: "success" });
    await expect(cancelRun(scope(), dagId, runId)).rejects.toMatchObject({
      code: "TIDEMILL_STATE_REFUSED",
    });
  });

  test("it waits for whoever holds the run, and then sees what that one did", async () => {
    const { id, runId } = await setup({ state: "running", states: { extract: "none" } });
    const held = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const claim = fixture.database.transaction(async (tx) => {
      await sql(tx, "select 1 from dag_run where dag_run_id = $1::bigint for no key update", id);
      held.resolve();
      await goOn.promise;
      await sql(
        tx,
        `update task_instance set state = 'running', lease_token = gen_random_uuid(),
           started_at = now() where dag_run_id = $1::bigint and task_id = 'extract'`,
        id,
      );
    });
    await held.promise;
    const cancelling = cancelRun(scope(), dagId, runId);
    goOn.resolve();
    await Promise.all([claim, cancelling]);
    expect((await instanceStates(fixture.database, id))["extract"]).toBe("cancelled");
  });
});

describe("mark", () => {
  test("sets the state, clears what failed after it, and the run goes on", async () => {
    const { id, runId } = await setup({ states: failedRun });
    const given = { dagId, runId, taskIds: ["load"], state: "success" } as const;
    const { tasks } = await markTasks(scope(), given);
    expect(tasks.map((task) => task.taskId)).toEqual(["load"]);
    expect(await instanceStates(fixture.database, id)).toEqual({
      extract: "success",
      load: "success",
      report: "none",
      audit: "success",
    });
    expect(await runRow(id)).toMatchObject({ state: "queued", is_open: true });
  });

  test("of a run that has ended keeps the moment at which that started; a clear does not", async () => {
    const { id, runId } = await setup({ states: failedRun });
    const began = { started: "2026-01-06T00:00:00Z", queued: "2026-01-05T23:59:00Z" };
    await sql(
      fixture.database,
      "update dag_run set started_at = $2, queued_at = $3 where dag_run_id = $1::bigint",
      id,
      began.started,
      began.queued,
    );
    const isKept = async () => {
      const [row] = await sql<{ kept: boolean }>(
        fixture.database,
        `select coalesce(started_at = $2 and queued_at = $3, false) as kept
         from dag_run where dag_run_id = $1::bigint and state = 'queued'`,
        id,
        began.started,
        began.queued,
      );
      return row?.kept;
    };
    await markTasks(scope(), { dagId, runId, taskIds: ["load"], state: "success" });
    expect(await isKept()).toBe(true);
    await sql(
      fixture.database,
      "update dag_run set state = 'failed', ended_at = now() where dag_run_id = $1::bigint",
      id,
    );
    await clearTasks(scope(), { dagId, runId, taskIds: ["load"] });
    expect(await isKept()).toBe(false);
  });

  test("clears what was cancelled after it, but not what was marked with it", async () => {
    const states = { extract: "failed", load: "cancelled", report: "failed", audit: "success" };
    const { id, runId } = await setup({ states });
    const given = { dagId, runId, taskIds: ["extract", "report"], state: "skipped" } as const;
    await markTasks(scope(), given);
    expect(await instanceStates(fixture.database, id)).toEqual({
      extract: "skipped",
      load: "none",
      report: "skipped",
      audit: "success",
    });
  });

  test("past and future reach into the runs before and after, as far as they have begun", async () => {
    const spans = [5, 6, 7].map((day) => {
      return [`2027-04-0${day}T00:00Z`, `2027-04-0${day + 1}T00:00Z`] as const;
    });
    const runs: { id: string; runId: string }[] = [];
    for (const interval of spans) runs.push(await setup({ interval, states: failedRun }));
    const queued = ["2027-04-08T00:00Z", "2027-04-09T00:00Z"] as const;
    await setup({ state: "queued", interval: queued });
    const [first, middle, last] = runs.map((run) => run.runId);
    const given = { dagId, runId: middle, taskIds: ["load"], state: "success" } as const;
    const marked = async (reach: object) => {
      const { runIds } = await markTasks(scope(), { ...given, ...reach, dryRun: true });
      return runIds.filter((id) => runs.some((run) => run.runId === id));
    };
    expect(await marked({})).toEqual([middle]);
    expect(await marked({ past: true })).toEqual([first, middle]);
    expect(await marked({ future: true })).toEqual([middle, last]);
    expect(await marked({ past: true, future: true })).toEqual([first, middle, last]);
    const manual = await setup({ states: failedRun });
    await expect(
      markTasks(scope(), { ...given, runId: manual.runId, past: true }),
    ).rejects.toMatchObject({ code: "TIDEMILL_INPUT_INVALID" });
  });

  test("a queued run has no tasks to mark", async () => {
    const { runId } = await setup({ state: "queued" });
    const given = { dagId, runId, taskIds: ["load"], state: "success" } as const;
    await expect(markTasks(scope(), given)).rejects.toMatchObject({
      code: "TIDEMILL_STATE_REFUSED",
    });
  });
});
