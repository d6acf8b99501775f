import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, failed, success } from "../../helpers/engine-process.ts";
import { plainDag, register } from "../../helpers/factory.ts";
import { runCli } from "../../helpers/run-cli.ts";

let fixture: TestDatabase;
let scheduler: EngineProcess;
beforeAll(async () => {
  fixture = await testDatabase();
  scheduler = await EngineProcess.start(fixture.url);
  await register(fixture.database, plainDag("daily", { a: [] }, { schedule: "@daily" }));
});
afterAll(async () => {
  await scheduler[Symbol.asyncDispose]();
  await fixture.drop();
});

const client = () => createClient({ database: fixture.database, actor: "test" });
const watch = (backfillId: string, ...more: readonly string[]) =>
  runCli(["backfill", "status", backfillId, "--watch", ...more], {
    env: { TIDEMILL_DATABASE_URL: fixture.url },
  });

/** A backfill of a day, which ends as its task does. */
async function ended(day: string, outcome: typeof success | typeof failed): Promise<string> {
  const { backfillId } = await client().backfill.create({ dagId: "daily", from: day, to: day });
  await scheduler.startRuns();
  await scheduler.finish(await scheduler.claim(1), outcome);
  return backfillId;
}

test("--watch of one that succeeded ends with 0", async () => {
  const told = await watch(await ended("2025-01-01", success));
  expect(told).toMatchObject({ exitCode: 0, stderr: "" });
  expect(told.stdout).toMatch(/^state +success$/m);
});

test("--watch of one that failed ends with 1 and names the run, in lines without control codes", async () => {
  const told = await watch(await ended("2025-02-01", failed));
  expect(told.exitCode).toBe(1);
  expect(told.stderr).toBe("backfill__2025-02-02T00:00:00+00:00 has failed (error)\n");
  expect(told.stdout).toMatch(/^failed +1$/m);
  expect(told.stdout + told.stderr).not.toContain("\u001B");
});

test("--watch for programs prints nothing but the result", async () => {
  const told = await watch(await ended("2025-03-01", failed), "--output", "json");
  expect(told).toMatchObject({ exitCode: 1, stderr: "" });
  expect(JSON.parse(told.stdout)).toMatchObject({ state: "failed", failed: 1 });
});

test("--watch of one that goes on tells how far it is, and ends with it", async () => {
  const days = { from: "2025-04-01", to: "2025-04-02" };
  const { backfillId } = await client().backfill.create({ dagId: "daily", ...days });
  const [told] = await Promise.all([
    watch(backfillId),
    (async () => {
      await scheduler.startRuns();
      await scheduler.finish(await scheduler.claim(16));
    })(),
  ]);
  expect(told.exitCode).toBe(0);
  expect(told.stdout).toMatch(/^success +2$/m);
});
