import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runTask } from "@tidemill/dag-core/testing";
import { overdueLoans } from "../../../dags/connections.ts";
import { overdueLoansSummary, questions } from "../../../dags/overdue_loans/lib/summary.ts";
import overdueLoansLoad from "../../../dags/overdue_loans/overdue_loans_load.ts";
import overdueLoansPrepare from "../../../dags/overdue_loans/overdue_loans_prepare.ts";
import overdueNotifications from "../../../dags/overdue_loans/overdue_notifications.ts";
import { overdueLoans as demo } from "../../../demo/pipelines/overdue-loans.ts";
import { targetDatabase } from "../../helpers/target-database.ts";
import { type LoanHouse, loanHouse, runDag } from "./loans.ts";

const minuteMs = 60_000;

describe.each([
  ["overdue_loans_prepare", overdueLoansPrepare, { kind: "none" }, 0, 0],
  ["overdue_loans_load", overdueLoansLoad, { kind: "none" }, 2, minuteMs],
  [
    "overdue_notifications",
    overdueNotifications,
    expect.objectContaining({ kind: "cron", crons: ["0 9 * * *"] }),
    2,
    5 * minuteMs,
  ],
])("%s", (dagId, dag, schedule, retries, retryDelayMs) => {
  test("has its id, its schedule, its retries and one active run", () => {
    expect(dag.dagId).toBe(dagId);
    expect(dag.manifest).toMatchObject({ schedule, maxActiveRuns: 1, timezone: "UTC" });
    for (const task of dag.manifest.tasks) {
      expect(task).toMatchObject(retries === 0 ? { retries } : { retries, retryDelayMs });
      expect(task.timeoutMs).toBeGreaterThan(0);
    }
  });
});

test("the tasks follow each other as the specification says", () => {
  const ids = (dag: typeof overdueLoansLoad) => dag.manifest.tasks.map(({ taskId }) => taskId);
  expect(ids(overdueLoansLoad)).toEqual([
    "check_part",
    "load_clients",
    "load_loans",
    "load_payments",
    "build_mart",
    "check_quality",
  ]);
  expect(ids(overdueNotifications)).toEqual(["find_due", "fill_outbox", "send", "measure"]);
});

test("without the schema a scheduled run skips, and one that was asked for fails at once", async () => {
  await using target = await targetDatabase();
  const connections = { overdue_loans: target.uri };
  const find = (runType: "scheduled" | "manual") =>
    runTask(overdueNotifications, "find_due", { connections, runType });
  expect(await find("scheduled")).toMatchObject({ state: "skipped" });
  expect(await find("manual")).toMatchObject({
    state: "failed",
    error: { message: expect.stringContaining("npm run loans -- schema") },
  });
});

test("part and all exclude each other", async () => {
  const params = { part: 1, all: true };
  expect(await runTask(overdueLoansLoad, "check_part", { params })).toMatchObject({
    state: "failed",
    error: { message: expect.stringContaining("part and all exclude each other") },
  });
});

describe("the pass of npm start", () => {
  let house: LoanHouse;
  const dags = {
    overdue_loans_prepare: overdueLoansPrepare,
    overdue_loans_load: overdueLoansLoad,
    overdue_notifications: overdueNotifications,
  };
  const pass = async () => {
    for (const { dagId, params } of demo.pass) {
      const dag = dags[dagId as keyof typeof dags];
      await runDag(dag, {
        connections: house.connections,
        params: (params ?? {}) as Record<string, unknown>,
      });
    }
  };
  const summary = async () => {
    await using ctx = house.context();
    return await overdueLoansSummary(await ctx.open(overdueLoans));
  };

  beforeAll(async () => {
    house = await loanHouse();
    process.env["RAW_DIR"] = join(house.directory, "raw");
    process.env["SPLIT_DIR"] = house.splitDir;
    await pass();
  });
  afterAll(async () => house[Symbol.asyncDispose]());

  test("fills every table, agrees, and answers every question", async () => {
    const { rows, reconciled, problems, answers } = await summary();
    expect(problems).toEqual([]);
    expect(reconciled).toBe(true);
    expect(Object.entries(rows).filter(([, count]) => count === 0)).toEqual([]);
    expect(Object.keys(answers)).toEqual(Object.keys(questions));
    for (const answer of Object.values(answers)) expect(answer.length).toBeGreaterThan(0);
  });

  test("better client notices: the report gives cure rate, cost per cured, calls saved", async () => {
    const { headlines } = await summary();
    const value = (label: string) => headlines.find((one) => one.label === label)?.value ?? "";
    expect(Number(value("paid within 7 days of the notice, %"))).toBeGreaterThan(0);
    expect(Number(value("cost of each, RUB"))).toBeGreaterThan(0);
    expect(Number(value("calls saved in a year"))).toBeGreaterThan(0);
  });

  test("a second time changes nothing", async () => {
    const { "ops.due_payment": _, ...before } = await house.checksums();
    for (const { dagId, params } of demo.pass) {
      if (dagId === "overdue_loans_load") continue;
      const dag = dags[dagId as keyof typeof dags];
      await runDag(dag, {
        connections: house.connections,
        params: (params ?? {}) as Record<string, unknown>,
      });
    }
    const checked = await runTask(overdueLoansLoad, "check_part", {
      connections: house.connections,
      params: { all: true },
    });
    expect(checked.state).toBe("skipped");
    expect(await house.checksums()).toMatchObject(before);
  });

  test("a problem is said: a payment that core lost", async () => {
    await house.query("delete from core.payments where payment_number = 1 and client_id = 1");
    const { reconciled, problems } = await summary();
    expect(reconciled).toBe(false);
    expect(problems).toEqual([
      expect.stringContaining("staging, core and mart hold the same payments"),
    ]);
  });
});
