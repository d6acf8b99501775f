import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { dag, type TaskContext } from "@tidemill/dag-core";
import { runTask, testContext } from "@tidemill/dag-core/testing";
import { postgres } from "@tidemill/tasks/postgres";
import { testStack } from "../../helpers/stack.ts";

const dwh = postgres("dwh");
const table = `testing_${randomBytes(6).toString("hex")}`;
let connections: Readonly<Record<string, string>>;

beforeAll(async () => {
  const { databaseUrl } = await testStack(["postgres"]);
  connections = { dwh: databaseUrl };
  await using ctx = testContext({ connections });
  const db = await ctx.open(dwh);
  await db.query(`create table ${table} (id integer)`);
});

async function insert(ctx: TaskContext): Promise<{ readonly total: number }> {
  return ctx.transaction(dwh, "insert", async (tx) => {
    await tx.query(`insert into ${table} values (1)`);
    const { rows } = await tx.query(`select count(*)::integer as total from ${table}`);
    return { total: Number(rows[0]?.["total"]) };
  });
}

describe("testContext", () => {
  test("has what a task is given", () => {
    const ctx = testContext({
      params: { region: "eu" },
      inputs: { orders: { rows: 3 } },
      dataInterval: { start: "2026-03-01T06:00Z", end: new Date("2026-03-02T06:00Z") },
      taskId: "load",
      tryNumber: 2,
      env: {},
    });
    expect(ctx).toMatchObject({
      dagId: "test_dag",
      taskId: "load",
      mapIndex: -1,
      tryNumber: 2,
      runType: "manual",
      params: { region: "eu" },
      inputs: { orders: { rows: 3 } },
      logicalDate: new Date("2026-03-01T06:00Z"),
      dataInterval: { end: new Date("2026-03-02T06:00Z") },
    });
    expect(ctx.attemptKey).toMatch(/^t\d+_c0_r2_h0$/);
    expect(ctx.signal.aborted).toBe(false);
    expect("item" in ctx).toBe(false);
  });

  test("has an item for the function of an each", () => {
    const ctx = testContext({ item: { table: "orders" } });
    expect([ctx.item.table, ctx.index, ctx.mapIndex]).toEqual(["orders", 0, 0]);
  });

  test("is a run of its own each time, unless told otherwise", () => {
    expect(testContext().attemptKey).not.toBe(testContext().attemptKey);
    const runId = "r";
    expect(testContext({ runId }).attemptKey).toBe(testContext({ runId }).attemptKey);
  });

  test("collects the log at once, and what was set in the state", async () => {
    const env = { API_TOKEN: "hunter22" };
    const ctx = testContext({ env, state: { last: 1 } });
    ctx.log.info("token hunter22", { n: 1 });
    ctx.log.error("bad");
    expect(ctx.logs).toMatchObject([
      { level: "info", message: "token ***", fields: { n: 1 } },
      { level: "error", message: "bad" },
    ]);
    expect(await ctx.state.get("last")).toBe(1);
    ctx.state.set("last", 2);
    expect(await ctx.state.get("last")).toBe(2);
    expect(ctx.stateWrites).toEqual({ last: 2 });
  });

  test("refuses in the state what cannot be stored", () => {
    expect(() => testContext().state.set("at", new Date() as never)).toThrow(
      "a Date cannot be stored",
    );
  });

  test("runs a transaction exactly once per clear, over its tries", async () => {
    const runId = `test__${randomBytes(6).toString("hex")}`;
    const again = async (options: { tryNumber?: number; clearNumber?: number }) => {
      await using ctx = testContext({ runId, connections, ...options });
      return await insert(ctx);
    };
    const first = await again({});
    expect(await again({ tryNumber: 2 })).toEqual(first);
    expect(await again({ tryNumber: 3, clearNumber: 1 })).toEqual({ total: first.total + 1 });
    await expect(again({ tryNumber: 2 })).rejects.toThrow("was written by a later clear");
  });

  test("opens nothing after it was closed", async () => {
    const ctx = testContext({ connections });
    await ctx.open(dwh);
    await ctx.close();
    await expect(ctx.open(dwh)).rejects.toThrow('The attempt of task "test_task" is over');
  });
});

test("runTask keeps the promise of exactly once too", async () => {
  const options = { schedule: null, startDate: "2026-01-01" } as const;
  const made = dag("loads", options, ({ task }) => void task("insert", { run: insert }));
  const runId = `test__${randomBytes(6).toString("hex")}`;
  const first = await runTask(made, "insert", { runId, connections });
  expect(first).toMatchObject({ state: "success", output: { total: expect.any(Number) } });
  const second = await runTask(made, "insert", { runId, tryNumber: 2, connections });
  expect(second.output).toEqual(first.output);
});
