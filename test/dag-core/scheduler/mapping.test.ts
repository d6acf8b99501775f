import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import {
  clearTasks,
  type ClearTasksOptions,
} from "../../../packages/dag-core/src/client/clear-tasks.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, failed, skipped } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let engine: EngineProcess;

beforeEach(async () => {
  db = await testDatabase();
  engine = await EngineProcess.start(db.url);
});
afterEach(async () => {
  await engine[Symbol.asyncDispose]();
  await db.drop();
});

const options = { schedule: null, startDate: "2026-01-01" } as const;
const mapped = dag("d", options, ({ task, each }) => {
  const list = task("list", { run: () => [1, 2, 3] });
  const item = each("item", { over: list, retries: 1, run: ({ item }) => item });
  const again = each("again", { over: item, run: ({ item }) => item });
  task("end", { inputs: { again }, run: () => 1 });
});

/** Runs everything that is ready, `list` with a list of this length. */
async function play(length: number): Promise<void> {
  for (let wave = 0; wave < 8; wave++) {
    await engine.startRuns();
    await engine.tick();
    const running = await engine.claim(100);
    if (running.length === 0) return;
    await engine.finishEach(running, ({ taskId }) =>
      taskId === "list"
        ? { kind: "success", output: JSON.stringify(Array(length).fill(1)), listLength: length }
        : { kind: "success", output: "1" },
    );
  }
}

async function started() {
  await register(db.database, mapped);
  return insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
}
const clear = (choice: Partial<ClearTasksOptions> = {}) =>
  clearTasks({ database: db.database, actor: "test" }, { dagId: "d", runId: "r", ...choice });
const statesOf = async (id: string) => {
  const all = await instanceStates(db.database, id);
  const of = (taskId: string) => Object.entries(all).filter(([name]) => name.startsWith(taskId));
  const sorted = (taskId: string) =>
    of(taskId)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([, state]) => state)
      .join(" ");
  return { item: sorted("item"), again: sorted("again"), end: all["end"] };
};
const runState = async () =>
  (await sql<{ state: string }>(db.database, "select state from dag_run"))[0]?.state;

describe("a run that is cleared", () => {
  test("with a shorter list: what is beyond its end is removed, and nothing waits for it", async () => {
    const id = await started();
    await play(3);
    await clear();
    await play(2);
    expect(await statesOf(id)).toEqual({
      item: "success success removed",
      again: "success success removed",
      end: "success",
    });
    expect(await runState()).toBe("success");
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("with a longer list: the new instances are added, removed ones come back", async () => {
    const id = await started();
    await play(3);
    for (const length of [1, 5]) {
      await clear();
      await play(length);
    }
    const five = Array(5).fill("success").join(" ");
    expect(await statesOf(id)).toEqual({ item: five, again: five, end: "success" });
    const [row] = await sql(
      db.database,
      `select min(clear_number) as least, max(clear_number) as most from task_instance
       where task_id = 'item'`,
    );
    expect(row).toEqual({ least: 2, most: 2 });
  });

  test("with an empty list: one instance is skipped, the others are removed", async () => {
    const id = await started();
    await play(3);
    await clear();
    await play(0);
    expect(await statesOf(id)).toEqual({
      item: "skipped removed removed",
      again: "skipped removed removed",
      end: "skipped",
    });
  });

  test("one instance alone, with its list: it goes by the list as it is then", async () => {
    const id = await started();
    await play(3);
    await clear({ taskIds: ["list"] });
    await clear({ taskIds: ["item"], mapIndex: 2 });
    await clear({ taskIds: ["again"], mapIndex: 2 });
    await play(2);
    expect(await statesOf(id)).toMatchObject({
      item: "success success removed",
      again: "success success removed",
    });
    await clear({ taskIds: ["list"] });
    await clear({ taskIds: ["item"], mapIndex: 1 });
    await play(4);
    expect(await statesOf(id)).toMatchObject({ item: "success success success success" });
  });
});

test("each instance is tried again by itself", async () => {
  const id = await started();
  await engine.startRuns();
  const list = { kind: "success", output: "[1,2,3]", listLength: 3 } as const;
  await engine.finish(await engine.claim(10), list);
  const retried = { ...failed, retry: { afterMs: 0 } } as const;
  const running = await engine.claim(10);
  await engine.finishEach(running, ({ mapIndex }) =>
    mapIndex === 1 ? retried : { kind: "success" },
  );
  expect(await statesOf(id)).toMatchObject({ item: "success scheduled success", again: "none" });
  const [second, ...others] = await engine.claim(10);
  expect({ index: second?.mapIndex, others }).toEqual({ index: 1, others: [] });
  await engine.finish(second ? [second] : []);
  expect(await statesOf(id)).toMatchObject({ again: "scheduled scheduled scheduled" });
});

test("an instance that skips itself skips what needs the success of all", async () => {
  const id = await started();
  await engine.startRuns();
  const list = { kind: "success", output: "[1,2]", listLength: 2 } as const;
  await engine.finish(await engine.claim(10), list);
  const running = await engine.claim(10);
  await engine.finishEach(running, ({ mapIndex }) =>
    mapIndex === 0 ? skipped : { kind: "success" },
  );
  expect(await statesOf(id)).toEqual({ item: "skipped success", again: "skipped", end: "skipped" });
});
