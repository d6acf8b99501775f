import { z } from "zod";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Reprocess } from "../../../packages/dag-core/src/backfill/plan.ts";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, failed, success } from "../../helpers/engine-process.ts";
import { plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let fixture: TestDatabase;
let scheduler: EngineProcess;
beforeEach(async () => {
  fixture = await testDatabase();
  scheduler = await EngineProcess.start(fixture.url);
  const params = z.object({ region: z.enum(["eu", "us"]).default("eu") });
  await register(fixture.database, plainDag("daily", { a: [] }, { schedule: "@daily", params }));
});
afterEach(async () => {
  await scheduler[Symbol.asyncDispose]();
  await fixture.drop();
});

const client = () => createClient({ database: fixture.database, actor: "test" });
const states = ["success", "failed", "cancelled", "running", "queued"] as const;
const dayOf = (state: (typeof states)[number]) => `2025-01-0${states.indexOf(state) + 2}`;
/** The first day has no run. */
const request = { dagId: "daily", from: "2025-01-01", to: dayOf("queued") };

interface Run {
  readonly dag_run_id: string;
  readonly run_id: string;
  readonly day: string;
  readonly state: string;
  readonly backfill_id: string | null;
  readonly clear_number: number;
  readonly tries: number;
  readonly params: object;
}
const runs = () =>
  sql<Run>(
    fixture.database,
    `select dag_run_id, run_id, to_char(logical_date, 'YYYY-MM-DD') as day, state, backfill_id, clear_number,
       (select count(*)::int from task_try t where t.dag_run_id = r.dag_run_id) as tries, params
     from dag_run r order by logical_date, dag_run_id`,
  );

/** A run of each state, all but the queued one by way of an engine. */
async function eachState(): Promise<void> {
  const trigger = (state: (typeof states)[number]) =>
    client().trigger("daily", { interval: dayOf(state) });
  for (const state of ["success", "failed"] as const) {
    await trigger(state);
    await scheduler.startRuns();
    await scheduler.finish(await scheduler.claim(1), state === "failed" ? failed : success);
  }
  const { runId } = await trigger("cancelled");
  await client().cancelRun("daily", runId);
  await trigger("running");
  await scheduler.startRuns();
  await scheduler.claim(1);
  await trigger("queued");
}

const table: readonly (readonly [Reprocess, Readonly<Record<string, string>>])[] = [
  ["none", { success: "skip", failed: "skip" }],
  ["failed", { success: "skip", failed: "clear" }],
  ["completed", { success: "clear", failed: "clear" }],
];

test.each(table)("reprocess %s", async (reprocess, ofEnded) => {
  await eachState();
  const before = await runs();
  const { backfillId, plan } = await client().backfill.create({ ...request, reprocess });
  const always = { cancelled: "create", running: "skip", queued: "skip" };
  const expected: Readonly<Record<string, string>> = { ...always, ...ofEnded };
  expect(plan.entries.map((entry) => entry.action)).toEqual([
    "create",
    ...states.map((state) => expected[state]),
  ]);
  const after = await runs();
  for (const run of before) {
    const isAgain = expected[run.state] === "clear";
    const change = { state: "queued", backfill_id: backfillId, clear_number: 1 };
    expect(after).toContainEqual(isAgain ? { ...run, ...change } : run);
  }
  const made = after.filter((run) => !before.some((old) => old.dag_run_id === run.dag_run_id));
  expect(made.map((run) => run.day)).toEqual(["2025-01-01", dayOf("cancelled")]);
  expect(await brokenInvariants(fixture.database, "under way")).toEqual({});
});

test("what is done again goes on in its history of tries", async () => {
  await eachState();
  await client().backfill.create({ ...request, reprocess: "failed" });
  await scheduler.startRuns();
  await scheduler.finish(await scheduler.claim(16));
  const again = (await runs()).find((run) => run.day === dayOf("failed"));
  expect(again).toMatchObject({ state: "success", tries: 2 });
  const tries = await sql(
    fixture.database,
    `select try_number, state from task_try where dag_run_id = $1::bigint order by 1`,
    again?.dag_run_id,
  );
  expect(tries).toEqual([
    { try_number: 1, state: "failed" },
    { try_number: 2, state: "success" },
  ]);
});

test.each([
  [undefined, { region: "us" }],
  [{ region: "eu" }, { region: "eu" }],
])("params %j given with it: what is done again has %j", async (params, has) => {
  await client().trigger("daily", { interval: dayOf("failed"), params: { region: "us" } });
  await scheduler.startRuns();
  await scheduler.finish(await scheduler.claim(1), failed);
  await client().backfill.create({ ...request, reprocess: "failed", ...(params && { params }) });
  const again = (await runs()).find((run) => run.day === dayOf("failed"));
  expect(again).toMatchObject({ state: "queued", params: has });
});

test("runs of an active backfill are not taken from it, those of one that has ended are", async () => {
  const first = await client().backfill.create({ ...request, maxActiveRuns: 16 });
  const again = { ...request, reprocess: "completed" } as const;
  await expect(client().backfill.create(again)).rejects.toMatchObject({
    code: "TIDEMILL_BACKFILL_OVERLAP",
    message: expect.stringContaining("backfill__2025-01-02T00:00:00+00:00"),
  });
  await scheduler.startRuns();
  await scheduler.finish(await scheduler.claim(16));
  const second = await client().backfill.create(again);
  const now = await runs();
  expect(new Set(now.map((run) => run.backfill_id))).toEqual(new Set([second.backfillId]));
  expect(now).toHaveLength(6);
  expect(await client().backfill.status(first.backfillId)).toMatchObject({ state: "success" });
});
