import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { clearTasks } from "../../../packages/dag-core/src/client/clear-tasks.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let engine: EngineProcess;
const scope = () => ({ database: db.database, actor: "test:anna" });
const day = (n: number) => `2026-01-0${n}T00:00:00Z`;

beforeEach(async () => {
  db = await testDatabase();
  engine = await EngineProcess.start(db.url);
  await register(db.database, plainDag("d", { a: [], b: ["a"] }, { schedule: "@daily" }));
});
afterEach(async () => {
  await engine[Symbol.asyncDispose]();
  await db.drop();
});

/** A run that has ended with the tasks a and b. */
async function ended(n: number): Promise<string> {
  const interval = [day(n), day(n + 1)] as const;
  const id = await insertRun(db.database, {
    dagId: "d",
    runId: `r${n}`,
    state: "queued",
    interval,
  });
  await engine.startRuns();
  await engine.finish(await engine.claim(5));
  await engine.finish(await engine.claim(5));
  return id;
}

const newer = () =>
  register(
    db.database,
    plainDag("d", { a: [], b: ["a"], c: ["a"], e: ["c", "b"] }, { schedule: "@daily" }),
  );
const onlyNew = (more: object = {}) =>
  clearTasks(scope(), { dagId: "d", from: "2026-01-01", to: "2026-01-03", onlyNew: true, ...more });

describe("clear, only what is new", () => {
  test("runs the tasks that the DAG got since the run ended, and no other", async () => {
    const id = await ended(1);
    await newer();
    const { tasks, runIds } = await onlyNew();
    expect(runIds).toEqual(["r1"]);
    expect(tasks.map((task) => `${task.taskId} ${task.state}`)).toEqual(["c none", "e none"]);
    await engine.startRuns();
    const c = await engine.claim(5);
    expect(c.map((attempt) => attempt.taskId)).toEqual(["c"]);
    await engine.finish(c);
    await engine.finish(await engine.claim(5));
    const success = { a: "success", b: "success", c: "success", e: "success" };
    expect(await instanceStates(db.database, id)).toEqual(success);
    const tries = "select task_id from task_try where dag_run_id = $1::bigint order by ended_at";
    const ran = await sql<{ task_id: string }>(db.database, tries, id);
    expect(ran.map((one) => one.task_id)).toEqual(["a", "b", "c", "e"]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("a dry run lists the same and changes nothing; a run that goes on is left alone", async () => {
    await ended(1);
    const running = await insertRun(db.database, {
      dagId: "d",
      runId: "r2",
      state: "queued",
      interval: [day(2), day(3)],
    });
    await engine.startRuns();
    await newer();
    expect((await onlyNew({ dryRun: true })).tasks).toHaveLength(2);
    expect((await onlyNew()).runIds).toEqual(["r1"]);
    expect(await instanceStates(db.database, running)).toEqual({ a: "scheduled", b: "none" });
    expect((await onlyNew()).tasks).toEqual([]);
  });

  test("takes no choice of tasks beside it", async () => {
    await expect(onlyNew({ taskIds: ["c"] })).rejects.toThrow(
      'The choice of new tasks of DAG "d" names tasks as well; leave these out, all that are new are added',
    );
  });
});
