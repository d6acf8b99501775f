import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess } from "../../helpers/engine-process.ts";
import { plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let fixture: TestDatabase;
let scheduler: EngineProcess;
beforeEach(async () => {
  fixture = await testDatabase();
  scheduler = await EngineProcess.start(fixture.url);
  const options = { schedule: "@daily", backfill: { maxBatch: 3 } };
  const plain = plainDag("single", { a: [] }, { schedule: "@daily" });
  await register(fixture.database, plainDag("daily", { a: [] }, options), plain);
});
afterEach(async () => {
  await scheduler[Symbol.asyncDispose]();
  await fixture.drop();
});

const client = () => createClient({ database: fixture.database, actor: "test" });
const request = { dagId: "daily", from: "2026-01-01", to: "2026-01-07", batch: 3 };
const failed = {
  kind: "failed",
  reason: "error",
  error: { class: "Error", message: "bad day" },
  retry: "never",
} as const;
const runs = () =>
  sql<{ run: string; state: string; days: number; backfill_id: string | null }>(
    fixture.database,
    `select run_id as run, state, backfill_id,
       (select count(*)::int from dag_run_interval i where i.dag_run_id = r.dag_run_id) as days
     from dag_run r order by data_interval_start, dag_run_id`,
  );

test("a plan gives contiguous intervals one run, up to the size of the batch", async () => {
  await client().trigger("daily", { interval: "2026-01-03" });
  const plan = await client().backfill.plan(request);
  expect(plan.entries.map((entry) => [entry.action, entry.runId])).toEqual([
    ["create", "backfill__2026-01-03T00:00:00+00:00_x2"],
    ["create", "backfill__2026-01-03T00:00:00+00:00_x2"],
    ["skip", expect.stringMatching(/^manual__/)],
    ["create", "backfill__2026-01-07T00:00:00+00:00_x3"],
    ["create", "backfill__2026-01-07T00:00:00+00:00_x3"],
    ["create", "backfill__2026-01-07T00:00:00+00:00_x3"],
    ["create", "backfill__2026-01-08T00:00:00+00:00"],
  ]);
  expect(plan).toMatchObject({ runs: 3, counts: { create: 6, skip: 1 } });
});

test.each([
  ["of a DAG that does not allow it", { ...request, dagId: "single" }, "maxBatch"],
  ["that is larger than the DAG allows", { ...request, batch: 4 }, "batches of 3"],
  ["of no interval", { ...request, batch: 0 }, "cannot have 0"],
])("a batch %s is refused", async (_name, asked, message) => {
  await expect(client().backfill.plan(asked)).rejects.toMatchObject({
    code: "TIDEMILL_BACKFILL_REFUSED",
    message: expect.stringContaining(message),
  });
});

test("a run of a batch covers its intervals; when it fails, each of them is tried by itself", async () => {
  const { backfillId } = await client().backfill.create({ ...request, maxActiveRuns: 1 });
  expect((await runs()).map((run) => run.days)).toEqual([3, 3, 1]);
  await scheduler.startRuns();
  await scheduler.finish(await scheduler.claim(1), failed);
  expect(await runs()).toMatchObject([
    { run: "backfill__2026-01-04T00:00:00+00:00_x3", state: "failed", days: 0, backfill_id: null },
    {
      run: "backfill__2026-01-02T00:00:00+00:00",
      state: "queued",
      days: 1,
      backfill_id: backfillId,
    },
    { run: "backfill__2026-01-03T00:00:00+00:00", state: "queued", days: 1 },
    { run: "backfill__2026-01-04T00:00:00+00:00", state: "queued", days: 1 },
    { run: "backfill__2026-01-07T00:00:00+00:00_x3", state: "queued", days: 3 },
    { state: "queued", days: 1 },
  ]);
  const bad: string[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await scheduler.startRuns();
    const claimed = await scheduler.claim(1);
    bad.push(...claimed.map((task) => task.dagRunId));
    await scheduler.finish(claimed, ...(turn === 1 ? [failed] : []));
  }
  expect(bad).toHaveLength(5);
  expect(await client().backfill.status(backfillId)).toMatchObject({
    state: "failed",
    success: 4,
    failed: 1,
    failures: [{ runId: "backfill__2026-01-03T00:00:00+00:00" }],
  });
  expect(await brokenInvariants(fixture.database)).toEqual({});
});

test("a batch that was cancelled and is cleared covers all of its intervals again", async () => {
  const { backfillId } = await client().backfill.create({ ...request, maxActiveRuns: 1 });
  await scheduler.startRuns();
  await client().backfill.cancel(backfillId, { stopsRunning: true });
  expect(await client().backfill.status(backfillId)).toMatchObject({
    state: "cancelled",
    cancelled: 3,
  });
  await client().clearTasks({ dagId: "daily", runId: "backfill__2026-01-04T00:00:00+00:00_x3" });
  expect((await runs()).map((run) => [run.days, run.state, run.backfill_id])).toEqual([
    [3, "queued", null],
    [0, "cancelled", backfillId],
    [0, "cancelled", backfillId],
  ]);
  expect(await scheduler.startRuns()).toBe(1);
});
