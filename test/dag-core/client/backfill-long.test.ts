import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
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
});
afterEach(async () => {
  await scheduler[Symbol.asyncDispose]();
  await fixture.drop();
});

const client = () => createClient({ database: fixture.database, actor: "test" });
const count = async (where: string): Promise<number> => {
  const [row] = await sql<{ n: number }>(
    fixture.database,
    `select count(*)::int as n from ${where}`,
  );
  return row?.n ?? 0;
};
/** 25,000 minutes: more than one transaction stores. */
const long = { dagId: "minutely", from: "2026-01-01", to: "2026-01-18T08:39" };
const minutely = () => plainDag("minutely", { a: [] }, { schedule: "* * * * *" });

/** Cuts the creation off when so many intervals are stored. */
async function cutOff(after: number): Promise<void> {
  const onProgress = (stored: number) => {
    if (stored >= after) throw new Error("cut off");
  };
  await expect(client().backfill.create({ ...long, onProgress })).rejects.toThrow("cut off");
}

test("a year of days is planned and created in under a second", async () => {
  await register(fixture.database, plainDag("daily", { a: [] }, { schedule: "@daily" }));
  const took: number[] = [];
  // A machine that does other work too may be slow at one of them.
  for (const year of [2021, 2022, 2023, 2025]) {
    const begun = performance.now();
    const request = { dagId: "daily", from: `${year}-01-01`, to: `${year}-12-31` };
    const plan = await client().backfill.plan(request);
    await client().backfill.create({ ...request, planHash: plan.hash });
    took.push(performance.now() - begun);
    expect(plan.counts.create).toBe(365);
  }
  expect(Math.min(...took)).toBeLessThan(1_000);
});

describe("a backfill that one transaction does not store", () => {
  test("is made as it was planned, each interval once, and starts in its order", async () => {
    await register(fixture.database, minutely());
    const plan = await client().backfill.plan(long);
    const stored: number[] = [];
    const created = await client().backfill.create({
      ...long,
      planHash: plan.hash,
      onProgress: (done) => stored.push(done),
    });
    expect(created.plan.hash).toBe(plan.hash);
    expect(stored).toEqual([10_000, 20_000, 25_000]);
    expect(await count("dag_run_interval")).toBe(25_000);
    expect(await count("backfill_run where dag_run_id is not null")).toBe(25_000);
    expect(await client().backfill.status(created.backfillId)).toMatchObject({
      state: "running",
      queued: 25_000,
    });
    await scheduler.startRuns();
    expect(
      await sql(
        fixture.database,
        "select min(backfill_ordinal), max(backfill_ordinal) from dag_run where state = 'running'",
      ),
    ).toEqual([{ min: 1, max: 10 }]);
    expect(await brokenInvariants(fixture.database, "under way")).toEqual({});
  });

  test("starts nothing while it is created, and goes on when it is asked for again", async () => {
    await register(fixture.database, minutely());
    await cutOff(10_000);
    expect(await scheduler.startRuns()).toBe(0);
    const [half] = await client().backfill.list("minutely");
    expect(half).toMatchObject({ state: "creating", queued: 10_000 });
    await expect(client().backfill.create({ ...long, maxActiveRuns: 3 })).rejects.toMatchObject({
      code: "TIDEMILL_BACKFILL_OVERLAP",
    });
    const { backfillId, plan } = await client().backfill.create(long);
    expect(backfillId).toBe(half?.backfillId);
    expect(plan.hash).toBe(half?.planHash);
    expect(await count("dag_run where backfill_id is not null")).toBe(25_000);
    expect(await count("(select interval_start from dag_run_interval group by 1) as i")).toBe(
      25_000,
    );
    expect(await client().backfill.status(backfillId)).toMatchObject({ state: "running" });
  });

  test("created by two at once is there once", async () => {
    await register(fixture.database, minutely());
    await cutOff(10_000);
    const both = await Promise.allSettled([1, 2].map(() => client().backfill.create(long)));
    expect(both.map((one) => one.status)).toContain("fulfilled");
    expect(await count("dag_run where backfill_id is not null")).toBe(25_000);
  });

  test("is cancelled whole where its creation was cut off", async () => {
    await register(fixture.database, minutely());
    await cutOff(10_000);
    const [half] = await client().backfill.list("minutely");
    const backfillId = half?.backfillId ?? "";
    expect(await client().backfill.cancel(backfillId)).toEqual({ cancelledRuns: 10_000 });
    expect(await client().backfill.status(backfillId)).toMatchObject({ state: "cancelled" });
    expect(await count("dag_run_interval")).toBe(0);
    expect(await brokenInvariants(fixture.database)).toEqual({});
  });

  test("does not go on with another plan than it was begun with", async () => {
    await register(fixture.database, minutely());
    await cutOff(10_000);
    await client().trigger("minutely", { interval: "2026-01-18T08:00" });
    await expect(client().backfill.create(long)).rejects.toMatchObject({
      code: "TIDEMILL_BACKFILL_REFUSED",
      message: expect.stringContaining("its plan has changed"),
    });
  });
});
