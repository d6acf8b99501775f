import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import {
  createClient,
  type CreateBackfillOptions,
} from "../../../packages/dag-core/src/client/index.ts";
import { dagRunBackfillEnd } from "../../../packages/dag-core/src/store/dag-run.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import {
  insertRun,
  instanceStates,
  plainDag,
  register,
  setInstance,
  sql,
} from "../../helpers/factory.ts";

let fixture: TestDatabase;
const client = () => createClient({ database: fixture.database, actor: "test:anna" });
const range = (from: string, to: string) => ({ from, to });
const runsOf = (backfillId: string) =>
  sql<Record<string, unknown>>(
    fixture.database,
    `select run_id, state, run_type, backfill_ordinal from dag_run
     where backfill_id = $1::bigint order by backfill_ordinal`,
    backfillId,
  );

beforeAll(async () => {
  fixture = await testDatabase();
  const daily = (dagId: string) => plainDag(dagId, { a: [] }, { schedule: "@daily" });
  const minutely = plainDag("minutely", { a: [] }, { schedule: "* * * * *" });
  const names = ["fresh", "redo", "overlap", "moves", "again", "ends"];
  const params = z.object({ depth: z.enum(["full", "increment"]).default("full") });
  const checked = plainDag("checked", { a: [] }, { schedule: "@daily", params });
  await register(fixture.database, minutely, checked, ...names.map(daily));
  const interval = ["2025-12-31T00:00Z", "2026-01-01T00:00Z"] as const;
  await insertRun(fixture.database, { dagId: "checked", state: "success", interval });
  await client().backfill.create({ dagId: "checked", ...range("2026-02-01", "2026-02-02") });
});
afterAll(() => fixture.drop());

describe("create", () => {
  test("executes the plan: the same runs, the same hash, each interval covered", async () => {
    const request = { dagId: "fresh", ...range("2026-01-01", "2026-01-05") };
    const plan = await client().backfill.plan(request);
    const { backfillId, plan: done } = await client().backfill.create({
      ...request,
      planHash: plan.hash,
    });
    expect(done).toEqual(plan);
    expect((await runsOf(backfillId)).map((run) => run["run_id"])).toEqual(
      plan.entries.map((entry) => entry.runId),
    );
    const [counts] = await sql(
      fixture.database,
      `select (select count(*)::int from dag_run_interval where dag_id = 'fresh') as covered,
         (select count(*)::int from backfill_run join backfill using (backfill_id)
          where dag_id = 'fresh' and dag_run_id is not null) as linked,
         (select capacity from "limit" where kind = 'backfill_runs' and name = $1) as at_once`,
      backfillId,
    );
    expect(counts).toEqual({ covered: 5, linked: 5, at_once: 10 });
  });

  test.each<[what: string, given: Partial<CreateBackfillOptions>]>([
    ["params that do not fit", { params: { depth: "a little" } }],
    ["more runs at once than there may be", { maxActiveRuns: 0 }],
    ["another plan than the one agreed to", { planHash: "0".repeat(64) }],
    ["a range in which there is nothing to do", { from: "2025-12-31", to: "2025-12-31" }],
    ["a range that another backfill has", range("2026-02-02", "2026-02-03")],
  ])("a check refuses %s in the words of create, and changes nothing", async (_, given) => {
    const options = { dagId: "checked", ...range("2026-01-01", "2026-01-02"), ...given };
    const count = () => sql(fixture.database, "select count(*) from dag_run");
    const before = await count();
    const refusals = await Promise.allSettled([
      client().backfill.check(options),
      client().backfill.create(options),
    ]);
    const [checked, created] = refusals.map((one) => one.status === "rejected" && one.reason);
    expect(checked).toMatchObject({ code: created.code, message: created.message });
    expect(await count()).toEqual(before);
  });

  test("a check of what is not refused is the plan", async () => {
    const options = { dagId: "checked", ...range("2026-01-01", "2026-01-02") };
    expect(await client().backfill.check(options)).toEqual(await client().backfill.plan(options));
  });

  test("runs to do again are cleared whole and become runs of the backfill", async () => {
    const { database } = fixture;
    const interval = ["2026-01-02T00:00Z", "2026-01-03T00:00Z"] as const;
    const id = await insertRun(database, {
      dagId: "redo",
      runId: "old",
      state: "failed",
      interval,
    });
    await setInstance(database, id, "a", { state: "failed", tryNumber: 2 });
    const { backfillId, plan } = await client().backfill.create({
      dagId: "redo",
      ...range("2026-01-01", "2026-01-03"),
      reprocess: "failed",
      runBackwards: true,
      maxActiveRuns: 2,
    });
    expect(plan.counts).toEqual({ create: 2, clear: 1, skip: 0 });
    expect(await runsOf(backfillId)).toMatchObject([
      { backfill_ordinal: 1, state: "queued" },
      { run_id: "old", backfill_ordinal: 2, state: "queued", run_type: "backfill" },
      { backfill_ordinal: 3, state: "queued" },
    ]);
    expect(await instanceStates(database, id)).toEqual({ a: "none" });
  });

  test("one that overlaps an active one is refused and names runs of it", async () => {
    await client().backfill.create({ dagId: "overlap", ...range("2026-01-01", "2026-01-05") });
    const second = { dagId: "overlap", ...range("2026-01-05", "2026-01-09") };
    await expect(client().backfill.create(second)).rejects.toMatchObject({
      code: "TIDEMILL_BACKFILL_OVERLAP",
      message: expect.stringContaining("backfill__2026-01-06T00:00:00+00:00"),
    });
    const apart = { dagId: "overlap", ...range("2026-01-06", "2026-01-09") };
    await expect(client().backfill.create(apart)).resolves.toBeDefined();
  });

  test("of two at once, one is made", async () => {
    const request = { dagId: "overlap", ...range("2026-03-01", "2026-03-05") };
    const both = await Promise.allSettled([1, 2].map(() => client().backfill.create(request)));
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("a plan that is not the one agreed to is refused", async () => {
    const request = { dagId: "again", ...range("2026-01-01", "2026-01-02") };
    await expect(client().backfill.create({ ...request, planHash: "other" })).rejects.toMatchObject(
      { code: "TIDEMILL_BACKFILL_REFUSED" },
    );
  });

  test("an interval whose run was cancelled gets a run with an id of its own", async () => {
    const request = { dagId: "again", ...range("2026-01-01", "2026-01-02") };
    const first = await client().backfill.create(request);
    await client().backfill.cancel(first.backfillId);
    const second = await client().backfill.create(request);
    expect((await runsOf(second.backfillId)).map((run) => run["run_id"])).toEqual([
      `backfill__2026-01-02T00:00:00+00:00_${second.backfillId}`,
      `backfill__2026-01-03T00:00:00+00:00_${second.backfillId}`,
    ]);
  });

  test("10,000 runs are made in seconds", async () => {
    const request = { dagId: "minutely", ...range("2026-01-01", "2026-01-07T22:39") };
    const begun = performance.now();
    const { plan, backfillId } = await client().backfill.create(request);
    const ms = performance.now() - begun;
    expect(plan.counts.create).toBe(10_000);
    expect(ms).toBeLessThan(15_000);
    const cancelled = await client().backfill.cancel(backfillId);
    expect(cancelled.cancelledRuns).toBe(10_000);
  });
});

test("pause, resume, cancel: queued runs are cancelled, running ones go on", async () => {
  const { backfill } = client();
  const request = { dagId: "moves", ...range("2026-01-01", "2026-01-04") };
  const { backfillId } = await backfill.create(request);
  await backfill.pause(backfillId);
  await expect(backfill.pause(backfillId)).rejects.toMatchObject({
    code: "TIDEMILL_STATE_REFUSED",
  });
  await backfill.resume(backfillId);
  await sql(
    fixture.database,
    `update dag_run set state = 'running', started_at = now()
     where backfill_id = $1::bigint and backfill_ordinal = 1`,
    backfillId,
  );
  expect(await backfill.cancel(backfillId)).toEqual({ cancelledRuns: 3 });
  expect(await backfill.status(backfillId)).toMatchObject({
    state: "cancelling",
    running: 1,
    cancelled: 3,
    runs: 4,
    progress: 0.75,
  });
  const [left] = await sql(
    fixture.database,
    "select count(*)::int as covered from dag_run_interval where dag_id = 'moves'",
  );
  expect(left).toEqual({ covered: 1 });
});

test("a run of a backfill that has ended starts again as one of the DAG", async () => {
  const { database } = fixture;
  const request = { dagId: "ends", ...range("2026-01-01", "2026-01-01") };
  const { backfillId, plan } = await client().backfill.create(request);
  await sql(
    database,
    `update dag_run set state = 'failed', started_at = now(), ended_at = now()
     where backfill_id = $1::bigint`,
    backfillId,
  );
  const ended = await database.transaction((tx) => dagRunBackfillEnd(tx, [backfillId]));
  expect(ended).toMatchObject([{ state: "failed" }]);
  const runId = plan.entries[0]?.runId ?? "";
  await sql(
    database,
    `insert into task_instance (dag_run_id, task_id, state, ended_at)
     select dag_run_id, 'a', 'failed', now() from dag_run where dag_id = 'ends' and run_id = $1`,
    runId,
  );
  await client().clearTasks({ dagId: "ends", runId });
  const [run] = await sql(
    database,
    "select state, backfill_id from dag_run where dag_id = 'ends' and run_id = $1",
    runId,
  );
  expect(run).toEqual({ state: "queued", backfill_id: null });
});

test("a cancel goes on where an earlier one was cut off, and the last run may end it", async () => {
  const { database } = fixture;
  const { backfill } = client();
  const request = { dagId: "moves", from: "2026-05-01", to: "2026-05-02" };
  const { backfillId } = await backfill.create(request);
  await backfill.pause(backfillId);
  expect(await backfill.cancel(backfillId)).toEqual({ cancelledRuns: 2 });
  await expect(backfill.cancel(backfillId)).rejects.toMatchObject({
    code: "TIDEMILL_STATE_REFUSED",
    message: expect.stringContaining("cancelled"),
  });
  const again = await backfill.create(request);
  for (const run of await runsOf(again.backfillId)) {
    await client().cancelRun("moves", String(run["run_id"]));
  }
  expect(await backfill.status(again.backfillId)).toMatchObject({ state: "failed", cancelled: 2 });
  const [ended] = await sql(
    database,
    "select ended_at is not null as has_ended from backfill where backfill_id = $1::bigint",
    again.backfillId,
  );
  expect(ended).toEqual({ has_ended: true });
});
