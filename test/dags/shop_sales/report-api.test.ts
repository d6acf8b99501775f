import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { runTask } from "@tidemill/dag-core/testing";
import uploadIncData from "../../../dags/shop_sales/upload_inc_data.ts";
import { closedPort } from "../../helpers/task-systems.ts";
import { httpServer } from "../../helpers/http-server.ts";
import { lastOf, orderFile, type Shop, shop, type TestOrder } from "./shop.ts";

let dwh: Shop;
beforeAll(async () => {
  dwh = await shop({ nullIncrements: ["2024-10-02"], pollsRunning: 2 });
  dwh.give("2024-10-01", orders);
  await dwh.loadDay("2024-10-01");
});
beforeEach(() => dwh.empty());
afterAll(() => dwh[Symbol.asyncDispose]());

const orders: readonly TestOrder[] = [1, 2, 3].map((customer) => ({
  uniqId: `o${customer}`,
  customer,
  item: 0,
  amount: 10,
}));

describe("Done when", () => {
  test.each([
    ["NOT FOUND", "2024-10-01", '"NOT FOUND"'],
    ["an increment without an id", "2024-10-02", '"SUCCESS"'],
  ])("a missing increment fails with a clear message: %s", async (_, date, said) => {
    if (date === "2024-10-02") dwh.give(date, orders);
    const { taskId, state, error } = lastOf(await dwh.tryDay(date));
    expect({ taskId, state }).toEqual({ taskId: "get_increment", state: "failed" });
    expect(error?.message).toContain(`Increment of ${date} is not there: the service answered`);
    expect(error?.message).toContain(said);
    expect(error?.message).toContain('onMissingIncrement to "skip"');
  });

  test("with onMissingIncrement=skip it is recorded and skipped, and found later", async () => {
    const params = { onMissingIncrement: "skip" };
    for (let run = 0; run < 2; run += 1) {
      const last = lastOf(await dwh.tryDay("2024-10-01", params));
      expect(last).toMatchObject({ taskId: "get_increment", state: "skipped" });
    }
    const recorded = () =>
      dwh.query(
        "select row_key, reason_code, severity, payload->>'status' as status from dq.rejected_rows",
      );
    expect(await recorded()).toEqual([
      {
        row_key: "2024-10-01",
        reason_code: "not_found",
        severity: "warning",
        status: "NOT FOUND",
      },
    ]);
    dwh.give("2024-10-01", orders);
    await dwh.loadDay("2024-10-01", params);
    expect(await recorded()).toEqual([]);
  });

  test("20 polls, then timeout", async () => {
    await using service = await httpServer(() => ({ body: { task_id: "t", status: "RUNNING" } }));
    const result = await runTask(uploadIncData, "get_report", {
      connections: { shop_reports: `${service.url}?cohort=7` },
      inputs: { ordered: { taskId: "t" } },
      params: { pollEvery: "1ms" },
    });
    expect(service.requests).toHaveLength(20);
    expect(service.requests[0]?.url).toBe("/get_report?task_id=t");
    expect(result).toMatchObject({ state: "failed" });
    expect(result.error?.message).toContain('timed out: it was "RUNNING" at the last of 20 polls');
  });
});

test("polls are ten seconds apart unless a run says otherwise", () => {
  expect(JSON.stringify(uploadIncData.manifest)).toContain('"default":"10s"');
});

test("sends the headers that the service asks for, and shows the key to nobody", async () => {
  const key = "s3cret-key-of-the-shop";
  await using service = await httpServer(() => ({ status: 401, body: { message: `no ${key}` } }));
  const uri = `${service.url.replace("//", `//nick:${key}@`)}?cohort=7`;
  const result = await runTask(uploadIncData, "generate_report", {
    connections: { shop_reports: uri },
  });
  expect(service.requests).toHaveLength(1);
  expect(service.requests[0]).toMatchObject({ method: "POST", url: "/generate_report" });
  expect(service.requests[0]?.headers).toMatchObject({
    "x-nickname": "nick",
    "x-cohort": "7",
    "x-project": "True",
    "x-api-key": key,
    "content-type": "application/x-www-form-urlencoded",
  });
  expect(result.state).toBe("failed");
  expect(JSON.stringify(result)).toContain("answered 401");
  expect(JSON.stringify(result)).not.toContain(key);
});

test("a key that the service does not know fails the run with its answer", async () => {
  const uri = dwh.connections.shop_reports.replace(/:[^:@]+@/, ":wrong@");
  const result = await runTask(uploadIncData, "generate_report", {
    connections: { shop_reports: uri },
  });
  expect(result.error?.message).toContain("401");
});

test("a service that is down fails with its address", async () => {
  const address = `127.0.0.1:${await closedPort()}`;
  const result = await runTask(uploadIncData, "generate_report", {
    connections: { shop_reports: `http://${address}` },
  });
  expect(result.error?.message).toContain(address);
});

test("an answer in another form is an error that says what is wrong with it", async () => {
  await using service = await httpServer(() => ({ body: { task: "t" } }));
  const result = await runTask(uploadIncData, "generate_report", {
    connections: { shop_reports: service.url },
  });
  expect(result.error?.message).toMatch(
    /answer of generate_report is not what was agreed on.*task_id/s,
  );
});

test("takes the addresses of the answer, and builds those that it leaves out", async () => {
  const named = "http://files.example/orders.csv";
  const data = { increment_id: "i7", s3_path: { user_order_log_inc: named } };
  await using service = await httpServer(() => ({ body: { status: "SUCCESS", data } }));
  const bucket = encodeURIComponent("https://bucket.example/reports");
  const uri = `${service.url.replace("//", "//nick:some-key@")}?cohort=7&bucket=${bucket}`;
  const result = await runTask(uploadIncData, "get_increment", {
    connections: { ...dwh.connections, shop_reports: uri },
    inputs: { report: { reportId: "r" } },
    params: { date: "2024-10-01" },
  });
  const folder = "https://bucket.example/reports/cohort_7/nick/project/i7";
  expect(result.output).toEqual({
    incrementId: "i7",
    files: {
      user_order_log_inc: named,
      user_activity_log_inc: `${folder}/user_activity_log_inc.csv`,
      customer_research_inc: `${folder}/customer_research_inc.csv`,
    },
  });
  expect(service.requests[0]?.url).toBe("/get_increment?report_id=r&date=2024-10-01T00%3A00%3A00");
});

test("a file that breaks off on its way changes nothing, and the next run mends it", async () => {
  dwh.give("2024-10-01", orders);
  await dwh.loadDay("2024-10-01");
  const before = await dwh.rowsOf("staging.user_order_log");
  const whole = dwh.reports.increment("2024-10-01");
  const broken = {
    ...whole,
    "user_order_log_inc.csv": function* () {
      yield orderFile("2024-10-01", [...orders, { uniqId: "x", customer: 4, item: 0, amount: 1 }]);
      throw new Error("the source broke");
    },
  };
  const increment = dwh.reports.increment.bind(dwh.reports);
  dwh.reports.increment = () => broken as unknown as ReturnType<typeof increment>;
  const { taskId, state, error } = lastOf(await dwh.tryDay("2024-10-01"));
  expect({ taskId, state }).toEqual({
    taskId: "upload_increment_data_to_staging",
    state: "failed",
  });
  expect(error?.message).toContain("127.0.0.1");
  expect(await dwh.query("select count(*)::int as n from mart.f_sales")).toEqual([{ n: 3 }]);
  dwh.reports.increment = increment;
  await dwh.loadDay("2024-10-01");
  expect(await dwh.rowsOf("staging.user_order_log")).toEqual(before);
});
