import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { retentionApply } from "../../../packages/dag-core/src/store/dag.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess } from "../../helpers/engine-process.ts";
import { plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let fixture: TestDatabase;
let scheduler: EngineProcess;
beforeEach(async () => {
  fixture = await testDatabase();
  scheduler = await EngineProcess.start(fixture.url);
  await register(fixture.database, plainDag("daily", { a: [] }, { schedule: "@daily" }));
});
afterEach(async () => {
  await scheduler[Symbol.asyncDispose]();
  await fixture.drop();
});

const client = () => createClient({ database: fixture.database, actor: "test" });
const request = { dagId: "daily", from: "2025-01-01", to: "2025-01-03" };
const retain = () => retentionApply(fixture.database, { logDays: 30, eventDays: 30, runDays: 30 });
const left = async () => {
  const [row] = await sql(
    fixture.database,
    `select (select count(*)::int from backfill) as backfills,
       (select count(*)::int from backfill_run) as intervals,
       (select count(*)::int from dag_run) as runs,
       (select count(*)::int from dag_run_interval) as covered,
       (select count(*)::int from "limit" where kind = 'backfill_runs') as limits`,
  );
  return row;
};
/** Everything that has ended did so a year ago. */
const age = () =>
  sql(
    fixture.database,
    `with aged as (update dag_run set ended_at = now() - interval '1 year' where ended_at is not null)
     update backfill set ended_at = now() - interval '1 year' where ended_at is not null`,
  );

test("a backfill that ended long ago goes when the last of its runs is gone, and leaves nothing", async () => {
  const { backfillId } = await client().backfill.create(request);
  await scheduler.startRuns();
  await scheduler.finish(await scheduler.claim(16));
  await age();
  await retain();
  // The newest run of a DAG stays, and with it what asked for it.
  expect(await left()).toEqual({ backfills: 1, intervals: 3, runs: 1, covered: 1, limits: 1 });
  expect(await client().backfill.status(backfillId)).toMatchObject({ state: "success", runs: 1 });
  await client().trigger("daily", { interval: "2025-01-05" });
  await retain();
  expect(await left()).toEqual({ backfills: 0, intervals: 0, runs: 1, covered: 1, limits: 0 });
  expect(await brokenInvariants(fixture.database, "under way")).toEqual({});
});

test("one that goes on keeps all, however old its first runs are", async () => {
  await client().backfill.create({ ...request, maxActiveRuns: 1 });
  await scheduler.startRuns();
  await scheduler.finish(await scheduler.claim(16));
  await age();
  await retain();
  expect(await left()).toEqual({ backfills: 1, intervals: 3, runs: 2, covered: 2, limits: 1 });
});

test("one of a DAG that has been removed starts nothing, and can be cancelled", async () => {
  const { backfillId } = await client().backfill.create(request);
  await sql(fixture.database, "update dag set is_present = false");
  expect(await scheduler.startRuns()).toBe(0);
  expect(await client().backfill.cancel(backfillId)).toEqual({ cancelledRuns: 3 });
  expect(await client().backfill.status(backfillId)).toMatchObject({ state: "cancelled" });
  expect(await left()).toMatchObject({ covered: 0 });
  expect(await brokenInvariants(fixture.database)).toEqual({});
});
