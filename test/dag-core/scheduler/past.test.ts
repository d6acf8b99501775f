import { describe, expect, test } from "@jest/globals";
import type { DagOptions } from "@tidemill/dag-core";
import type { Client } from "@tidemill/dag-core/client";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { enginePair } from "../../helpers/engine-pair.ts";
import { type EngineProcess, failed, type Running } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, plainDag, register, sql } from "../../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;
let client: Client;

eachTest(
  () => enginePair(),
  (made) => void ({ db, one, two, client } = made),
);

const past: Partial<DagOptions<never>> = { schedule: "@daily", defaults: { dependsOnPast: true } };
const day = (n: number) => `2026-01-0${n}T00:00:00Z`;
const daily = (n: number, state: "queued" | "running" | "failed" | "success" = "queued") =>
  insertRun(db.database, {
    dagId: "d",
    runId: `day${n}`,
    runType: "scheduled",
    state,
    interval: [day(n), day(n + 1)],
  });
const states = async () => {
  const rows = await sql<{ run_id: string; state: string; waits_for_past: boolean }>(
    db.database,
    "select run_id, state, waits_for_past from dag_run order by run_id",
  );
  return Object.fromEntries(
    rows.map((row) => [row.run_id, row.waits_for_past ? "waits" : row.state]),
  );
};
/** Without schedules: the runs of these tests are inserted. */
const tick = (process = one) => process.tick({ createsRuns: false });
const sound = async () => expect(await brokenInvariants(db.database, "under way")).toEqual({});
const runOf = (running: readonly Running[], dagRunId: string) =>
  running.filter((attempt) => attempt.dagRunId === dagRunId);

describe("a run whose first tasks wait for the previous run", () => {
  test("has not started, holds no place and has no task instances; it starts when they have passed", async () => {
    await register(db.database, plainDag("d", { a: [], b: ["a"] }, { ...past, maxActiveRuns: 2 }));
    const [first, second] = [await daily(1), await daily(2)];
    await insertRun(db.database, { dagId: "d", runId: "manual", state: "queued" });
    await tick();
    expect(await states()).toEqual({ day1: "running", day2: "waits", manual: "running" });
    expect(await instanceStates(db.database, second)).toEqual({});
    const claimed = await one.claim(10);
    await one.finish(runOf(claimed, first));
    await one.finish(claimed.filter((attempt) => attempt.dagRunId !== first));
    await one.finish(await one.claim(10));
    await tick();
    await tick();
    expect(await states()).toEqual({ day1: "success", day2: "running", manual: "success" });
    await sound();
  });

  test("goes on as soon as its own task has passed there, while the previous run goes on", async () => {
    await register(db.database, plainDag("d", { a: [], b: ["a"] }, past));
    const [first, second] = [await daily(1), await daily(2)];
    await tick();
    await tick();
    await one.finish(await one.claim(1));
    await tick(two);
    expect(await states()).toEqual({ day1: "running", day2: "running" });
    expect(await instanceStates(db.database, second)).toEqual({ a: "scheduled", b: "none" });
    // Its second task has a past too: the previous run has not come to it.
    const [a] = runOf(await one.claim(10), second);
    await one.finish(a ? [a] : []);
    expect(await states()).toEqual({ day1: "running", day2: "waits" });
    const b = runOf(await one.claim(10), first);
    expect(b).toEqual([]);
    await sound();
  });

  test("of three the oldest interval goes first, whatever the order they were made in", async () => {
    await register(db.database, plainDag("d", { a: [] }, past));
    for (const n of [3, 2, 1]) await daily(n);
    for (const n of [1, 2, 3]) {
      await tick();
      await tick();
      const running = await one.claim(10);
      expect(running).toHaveLength(1);
      await one.finish(running);
      expect((await states())[`day${n}`]).toBe("success");
    }
  });

  test("waits for a failed one until that is cleared and passes; maxActiveRuns: 1 is no deadlock", async () => {
    await register(db.database, plainDag("d", { a: [] }, { ...past, maxActiveRuns: 1 }));
    await daily(1);
    await tick();
    await one.finish(await one.claim(1), {
      kind: "failed",
      reason: "error",
      error: { class: "Error", message: "no" },
      retry: "never",
    });
    await daily(2);
    await tick();
    await tick();
    expect(await states()).toEqual({ day1: "failed", day2: "waits" });
    await client.clearTasks({ dagId: "d", runId: "day1" });
    await tick();
    expect(await states()).toEqual({ day1: "running", day2: "waits" });
    await one.finish(await one.claim(1));
    await tick();
    expect(await states()).toEqual({ day1: "success", day2: "running" });
    await sound();
  });

  test("is let go by a mark of the task that it waits for", async () => {
    await register(db.database, plainDag("d", { a: [] }, past));
    const first = await daily(1, "failed");
    await sql(
      db.database,
      "update task_instance set state = 'failed', ended_at = now() where dag_run_id = $1::bigint",
      first,
    );
    await daily(2);
    await tick();
    await tick();
    await client.markTasks({ dagId: "d", runId: "day1", taskIds: ["a"], state: "success" });
    await tick();
    await tick();
    expect((await states())["day2"]).toBe("running");
  });

  test("looks at a run that is made between it and its past", async () => {
    await register(db.database, plainDag("d", { a: [] }, past));
    await daily(1);
    await daily(3);
    await tick();
    await tick();
    await daily(2);
    await one.finish(await one.claim(1));
    await tick();
    await tick();
    expect(await states()).toEqual({ day1: "success", day2: "running", day3: "waits" });
    await one.finish(await one.claim(1));
    await tick();
    expect((await states())["day3"]).toBe("running");
  });
});

describe("a run under way", () => {
  test("gives its place back where only its past holds it: a cleared past with maxActiveRuns: 1 runs", async () => {
    await register(db.database, plainDag("d", { a: [], b: ["a"] }, { ...past, maxActiveRuns: 1 }));
    const first = await daily(1);
    await tick();
    for (let n = 0; n < 2; n++) await one.finish(await one.claim(1));
    const second = await daily(2);
    await tick();
    const [running] = await one.claim(1);
    await client.clearTasks({ dagId: "d", runId: "day1", taskIds: ["b"] });
    await tick();
    expect(await states()).toEqual({ day1: "queued", day2: "running" });
    await one.finish(running ? [running] : []);
    expect(await states()).toEqual({ day1: "queued", day2: "waits" });
    const held = { runId: "day2", state: "queued", startedAt: null };
    const shown = [
      ...(await client.readModel.runs({ dagId: "d" })),
      ...(await client.readModel.runs({})),
      await client.readModel.run("d", "day2"),
    ].filter(({ runId }) => runId === "day2");
    expect(shown).toEqual([held, held, held].map((one) => expect.objectContaining(one)));
    await tick();
    expect(await states()).toEqual({ day1: "running", day2: "waits" });
    await one.finish(await one.claim(1));
    await tick();
    expect(await instanceStates(db.database, second)).toEqual({ a: "success", b: "scheduled" });
    expect(await instanceStates(db.database, first)).toEqual({ a: "success", b: "success" });
    await one.finish(await one.claim(1));
    expect(await states()).toEqual({ day1: "success", day2: "success" });
    expect(await sql(db.database, "select * from past_wait")).toEqual([]);
    await sound();
  });

  test("keeps its place while another of its tasks runs", async () => {
    const tasks = { a: [], b: ["a"], slow: [] };
    await register(
      db.database,
      plainDag("d", tasks, { schedule: "@daily", defaults: { waitForDownstream: true } }),
    );
    await daily(1, "running");
    await sql(
      db.database,
      "update task_instance set state = 'success' where task_id in ('a', 'slow')",
    );
    const second = await daily(2);
    await tick();
    await tick();
    expect(await instanceStates(db.database, second)).toEqual({
      a: "none",
      b: "none",
      slow: "scheduled",
    });
    expect(await states()).toEqual({ day1: "running", day2: "running" });
  });
});

test("a task that finishes in the same moment in which the next run is decided lets it go", async () => {
  await register(db.database, plainDag("d", { a: [] }, past));
  await daily(1);
  await tick();
  const running = await one.claim(1);
  const second = await daily(2);
  // The decision about the second run has read the past and stands before its commit.
  await using held = await heldTransaction(db.database);
  await held.query("lock table past_wait in share mode");
  const decision = two.startRuns();
  await untilBlocked(db.database, 1);
  await one.finish(running);
  expect((await states())["day1"]).toBe("success");
  await held.commit();
  await decision;
  expect(await states()).toEqual({ day1: "success", day2: "waits" });
  await tick();
  expect(await states()).toEqual({ day1: "success", day2: "running" });
  expect(await instanceStates(db.database, second)).toEqual({ a: "scheduled" });
});

test("a task that finishes while the wait for it is settled lets the run go", async () => {
  await register(db.database, plainDag("d", { a: [] }, past));
  await daily(1);
  await tick();
  const running = await one.claim(1);
  await daily(2);
  await one.startRuns();
  // The finish holds the lock of the previous run, has written and has not committed.
  await using held = await heldTransaction(db.database);
  await held.query("select from alert for update");
  await held.query("lock table task_try in share mode");
  const finish = one.finish(running);
  await untilBlocked(db.database, 1);
  const settling = tick(two);
  await untilBlocked(db.database, 2);
  await held.commit();
  await finish;
  await settling;
  await tick();
  expect(await states()).toEqual({ day1: "success", day2: "running" });
});

describe("the previous run", () => {
  type Run = readonly [
    day: number,
    type: "scheduled" | "manual" | "backfill",
    state: "success" | "failed" | "cancelled",
  ];
  const cases: readonly (readonly [string, "all" | "latest", readonly Run[], string])[] = [
    ["there is none: passes", "latest", [], "running"],
    ["one of a later date is none", "latest", [[5, "scheduled", "failed"]], "running"],
    [
      "is the newest, however old",
      "latest",
      [
        [1, "scheduled", "failed"],
        [2, "scheduled", "success"],
      ],
      "running",
    ],
    ["may be a manual one", "latest", [[2, "manual", "failed"]], "waits"],
    [
      "may not be a manual one where the DAG catches up",
      "all",
      [
        [1, "scheduled", "success"],
        [2, "manual", "failed"],
      ],
      "running",
    ],
    ["may be one of a backfill", "all", [[2, "backfill", "failed"]], "waits"],
    ["counts as failed when it was cancelled", "latest", [[2, "scheduled", "cancelled"]], "waits"],
    [
      "of two about one date is the one that was not cancelled",
      "latest",
      [
        [2, "manual", "success"],
        [2, "scheduled", "cancelled"],
      ],
      "running",
    ],
  ];

  test.each(cases)("%s", async (_, catchup, runs, expected) => {
    await register(db.database, plainDag("d", { a: [] }, { ...past, catchup }));
    for (const [n, runType, state] of runs) {
      const interval = [day(n), day(n + 1)] as const;
      const id = await insertRun(db.database, { dagId: "d", runType, state, interval });
      await sql(
        db.database,
        "update task_instance set state = $2, ended_at = now() where dag_run_id = $1::bigint",
        id,
        state,
      );
    }
    await daily(3);
    await tick();
    expect((await states())["day3"]).toBe(expected);
  });

  test("that never had the task passes it if none had it, and holds it if an earlier one had", async () => {
    await register(db.database, plainDag("d", { a: [] }, past));
    await daily(1, "success");
    await register(db.database, plainDag("d", { b: [] }, past));
    const second = await daily(2, "success");
    await sql(
      db.database,
      "update task_instance set state = 'success' where dag_run_id = $1",
      second,
    );
    await register(db.database, plainDag("d", { a: [], c: [] }, past));
    const third = await daily(3);
    await tick();
    expect(await instanceStates(db.database, third)).toEqual({ a: "none", c: "scheduled" });
  });

  test("does not hold the first run of a backfill, only those after it", async () => {
    await register(db.database, plainDag("d", { a: [] }, { ...past, timezone: "UTC" }));
    await daily(1, "failed");
    const range = { dagId: "d", from: "2026-01-02", to: "2026-01-03" };
    const { plan } = await client.backfill.create({ ...range, reprocess: "failed" });
    await tick();
    const [first = "", second = ""] = plan.entries.map((entry) => entry.runId);
    expect(await states()).toEqual({ day1: "failed", [first]: "running", [second]: "waits" });
  });

  test("goes in its order before the start date of a DAG that catches up too", async () => {
    const options = { ...past, timezone: "UTC", catchup: "all", startDate: "2026-01-05" } as const;
    await register(db.database, plainDag("d", { a: [] }, options));
    const range = { dagId: "d", from: "2026-01-01", to: "2026-01-03" };
    const { plan } = await client.backfill.create({ ...range, reprocess: "failed" });
    const [first = "", second = "", third = ""] = plan.entries.map((entry) => entry.runId);
    await tick();
    expect(await states()).toEqual({ [first]: "running", [second]: "waits", [third]: "waits" });
    await one.finish(await one.claim(10), failed);
    await tick();
    expect(await states()).toEqual({ [first]: "failed", [second]: "waits", [third]: "waits" });
  });

  test("a backfill that would leave runs out or run backwards is refused", async () => {
    await register(db.database, plainDag("d", { a: [] }, past));
    const range = { dagId: "d", from: "2026-01-02", to: "2026-01-03" };
    const refused = (problem: string) => ({
      code: "TIDEMILL_BACKFILL_REFUSED",
      message: expect.stringContaining(problem),
    });
    await expect(client.backfill.plan(range)).rejects.toMatchObject(
      refused(
        'task "a" depends on its past, and the backfill would leave out the runs that failed',
      ),
    );
    await expect(client.backfill.plan(range)).rejects.toThrow("add --reprocess-behavior failed");
    await expect(client.backfill.plan({ ...range, to: "2026-01-01" })).rejects.toMatchObject(
      refused("is backward; exchange the dates"),
    );
    await expect(
      client.backfill.create({ ...range, reprocess: "completed", runBackwards: true }),
    ).rejects.toMatchObject(refused("run backwards"));
  });
});

test("a thousand runs that wait cost a look each, not one at every tick", async () => {
  await register(db.database, plainDag("d", { a: [] }, { ...past, maxActiveRuns: 2 }));
  await daily(1);
  await sql(
    db.database,
    `insert into dag_run (dag_version_id, dag_id, run_id, run_type, triggered_by, run_after, logical_date,
       data_interval_start, data_interval_end)
     select dag_version_id, dag_id, 'more' || n, 'scheduled', 'test', t, t, t, t + interval '1 day'
     from dag_run, generate_series(1, 1500) as n, lateral (select timestamptz '2010-01-01Z' + n * interval '1 day' as t) as x`,
  );
  await tick();
  const waiting = async () => Object.values(await states()).filter((s) => s === "waits").length;
  expect(await waiting()).toBeLessThan(1_500);
  for (let n = 0; n < 5; n++) await tick();
  expect(await waiting()).toBe(1_500);
  expect(await sql(db.database, "select from past_wait where is_due or not is_settled")).toEqual(
    [],
  );
  const changed = "select sum(changed)::integer as changes from dag_run";
  const before = await sql(db.database, changed);
  await tick();
  expect(await sql(db.database, changed)).toEqual(before);
});

test("a retry is not held by a past that was cleared after its first try began", async () => {
  const given = { ...past, defaults: { dependsOnPast: true, retries: 1, retryDelay: "1ms" } };
  await register(db.database, plainDag("d", { a: [] }, given as typeof past));
  const first = await daily(1);
  const second = await daily(2);
  await tick();
  await one.finish(runOf(await one.claim(10), first));
  await tick();
  const tried = runOf(await one.claim(10), second);
  await client.clearTasks({ dagId: "d", runId: "day1" });
  await one.finish(tried, { ...failed, retry: "policy" });
  await sql(db.database, "update task_instance set wake_at = now() where wake_at is not null");
  await tick();
  const again = runOf(await one.claim(10), second);
  expect(again.map((attempt) => attempt.taskId)).toEqual(["a"]);
  await sound();
});
