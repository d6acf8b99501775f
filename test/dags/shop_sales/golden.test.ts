import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Shop, shop, type TestOrder, uniqId } from "./shop.ts";

let dwh: Shop;
beforeAll(async () => {
  dwh = await shop();
  dwh.give("2024-10-01", goldenRows);
  await dwh.loadDay("2024-10-01");
});
beforeEach(() => dwh.empty());
afterAll(() => dwh[Symbol.asyncDispose]());

const goldenRows: readonly TestOrder[] = [
  { uniqId: "u1", customer: 1, item: 0, amount: 100 },
  { uniqId: "u2", customer: 1, item: 0, amount: 200 },
  { uniqId: "u3", customer: 2, item: 0, amount: 100 },
  { uniqId: "u4", customer: 2, item: 1, amount: 120 },
  { uniqId: "u5", customer: 3, item: 1, amount: 120, status: "refunded" },
  { uniqId: "u6", customer: 3, item: 1, amount: 240 },
  { uniqId: "u1", customer: 1, item: 0, amount: 100 },
];

const retention = () =>
  dwh.query<{ row: string }>(
    `select concat_ws(' ', period_name, period_year, period_id, item_id) || ': '
       || concat_ws(' / ', new_customers_count, new_customers_revenue, returning_customers_count,
         returning_customers_revenue, refunded_customer_count, customers_refunded) as row
     from mart.f_customer_retention order by period_year, period_id, item_id`,
  );
const lines = async () => (await retention()).map(({ row }) => row);
const marts = async () => ({
  sales: await dwh.rowsOf("mart.f_sales"),
  retention: await dwh.rowsOf("mart.f_customer_retention"),
});

describe("Done when", () => {
  test("f_sales has 6 rows, sum 640; the four rows of section 8 hold", async () => {
    dwh.give("2024-10-01", goldenRows);
    await dwh.loadDay("2024-10-01");
    const [sales] = await dwh.query(
      "select count(*)::int as n, sum(payment_amount) as total from mart.f_sales",
    );
    expect(sales).toEqual({ n: 6, total: "640.00" });
    expect(await lines()).toEqual([
      "weekly 2024 40 0: 1 / 100.00 / 1 / 300.00 / 0 / 0",
      "weekly 2024 40 1: 2 / 360.00 / 0 / 0.00 / 1 / 1",
    ]);
    await dwh.loadDay("2024-10-01", { classificationScope: "period" });
    expect(await lines()).toEqual([
      "weekly 2024 40 0: 0 / 0.00 / 2 / 400.00 / 0 / 0",
      "weekly 2024 40 1: 1 / 240.00 / 1 / 120.00 / 1 / 1",
    ]);
  });

  test("running a date twice leaves both marts identical, ids included", async () => {
    dwh.give("2024-10-01", goldenRows);
    await dwh.loadDay("2024-10-01");
    const before = await marts();
    await dwh.loadDay("2024-10-01");
    expect(await marts()).toEqual(before);
    expect(before.sales).toHaveLength(6);
  });

  test("rerunning the repaired Sunday replaces that day and its week; other days are untouched", async () => {
    const order = (id: string, customer: number, item = 0): TestOrder => ({
      uniqId: id,
      customer,
      item,
      amount: 10,
    });
    dwh.give("2024-09-29", [order("w39", 1), order("x39", 2), order("y39", 3)]);
    dwh.give("2024-10-05", [order("s1", 1), order("s2", 2), order("s3", 3)]);
    // The Sunday arrives without its last two orders, and with one that is taken back later.
    dwh.give("2024-10-06", [order("t1", 1), order("t2", 2), order("t3", 3), order("gone", 9)]);
    dwh.give("2024-10-07", [order("m1", 1), order("m2", 2), order("m3", 3)]);
    for (const day of ["2024-09-29", "2024-10-05", "2024-10-06", "2024-10-07"]) {
      await dwh.loadDay(day);
    }
    const otherDays = () =>
      dwh.query("select * from mart.f_sales where date_id <> 20241006 order by id");
    const otherWeeks = () =>
      dwh.query("select * from mart.f_customer_retention where period_id <> 40 order by period_id");
    const before = { days: await otherDays(), weeks: await otherWeeks() };
    expect(await lines()).toContain("weekly 2024 40 0: 1 / 10.00 / 3 / 60.00 / 0 / 0");
    const sunday = [order("t1", 1), order("t2", 2), order("t3", 3), order("t4", 4), order("t5", 4)];
    dwh.give("2024-10-06", sunday);
    await dwh.loadDay("2024-10-06");
    const sales = await dwh.query<{ uniq_id: string }>(
      "select uniq_id from mart.f_sales where date_id = 20241006 order by 1",
    );
    expect(sales.map((row) => row.uniq_id)).toEqual(sunday.map((row) => uniqId(row.uniqId)));
    expect(await lines()).toContain("weekly 2024 40 0: 0 / 0.00 / 4 / 80.00 / 0 / 0");
    expect({ days: await otherDays(), weeks: await otherWeeks() }).toEqual(before);
  });

  test("a file without status loads, and its rows are shipped", async () => {
    dwh.give("2024-10-08", [
      { uniqId: "a", customer: 1, item: 0, amount: 1 },
      { uniqId: "b", customer: 2, item: 0, amount: 1 },
      { uniqId: "c", customer: 3, item: 0, amount: 1 },
    ]);
    expect(dwh.reports.days.get("2024-10-08")?.orders).not.toContain("status");
    await dwh.loadDay("2024-10-08");
    const found = await dwh.query("select status, count(*)::int as n from mart.f_sales group by 1");
    expect(found).toEqual([{ status: "shipped", n: 3 }]);
  });

  test("2024-12-30 is in (2025, 1); an item with only refunds has a row", async () => {
    dwh.give("2024-12-30", [
      { uniqId: "a", customer: 1, item: 0, amount: 5, status: "shipped" },
      { uniqId: "b", customer: 2, item: 7, amount: 5, status: "refunded" },
      { uniqId: "c", customer: 2, item: 7, amount: 5, status: "refunded" },
      { uniqId: "d", customer: 3, item: 8, amount: 6 },
      { uniqId: "e", customer: 3, item: 8, amount: 6 },
    ]);
    await dwh.loadDay("2024-12-30");
    expect(await lines()).toEqual([
      "weekly 2025 1 0: 1 / 5.00 / 0 / 0.00 / 0 / 0",
      "weekly 2025 1 7: 0 / 0.00 / 0 / 0.00 / 1 / 2",
      "weekly 2025 1 8: 0 / 0.00 / 1 / 12.00 / 0 / 0",
    ]);
  });

  test("DQ results: 0 passed, 1 failed; a failed check stops the run before the marts", async () => {
    dwh.give("2024-10-01", goldenRows);
    await dwh.loadDay("2024-10-01");
    const before = await marts();
    dwh.give("2024-10-01", [...goldenRows, { uniqId: "u9", customer: "", item: 0, amount: 1 }]);
    const results = await dwh.tryDay("2024-10-01");
    expect([...results.keys()].at(-1)).toBe("dq_checks");
    expect(results.get("dq_checks")?.error?.message).toMatch(
      /2024-10-01 did not pass .*user_order_log: "customer_id is never null" found 1 rows/,
    );
    const checks = await dwh.query<{ row: string }>(
      `select table_name || ', ' || dq_check_name || ': ' || dq_check_result as row
       from staging.dq_checks_results where datetime = '2024-10-01' order by 1`,
    );
    expect(checks.map(({ row }) => row)).toEqual([
      "staging.user_activity_log, at least 3 different customers: 0.00",
      "staging.user_activity_log, customer_id is never null: 0.00",
      "staging.user_order_log, at least 3 different customers: 0.00",
      "staging.user_order_log, customer_id is never null: 1.00",
    ]);
    expect(await marts()).toEqual(before);
  });

  test("fewer than three customers in a log fail their check, also when the log is empty", async () => {
    dwh.give("2024-10-01", goldenRows.slice(0, 4));
    const two = (await dwh.tryDay("2024-10-01")).get("dq_checks");
    expect(two?.error?.message).toContain('"at least 3 different customers" found 2 different');
    dwh.give("2024-10-01", []);
    const none = (await dwh.tryDay("2024-10-01")).get("dq_checks");
    expect(none?.error?.message).toContain('"at least 3 different customers" found 0 different');
  });

  test("rows read = distinct + copies + rejects, per file", async () => {
    dwh.give("2024-10-01", [
      ...goldenRows,
      ...goldenRows,
      { uniqId: "bad", customer: 4, item: 0, amount: "12,5" },
    ]);
    dwh.reports.days.set("2024-10-01", {
      orders: (dwh.reports.days.get("2024-10-01")?.orders ?? "").replace("12,5", '"12,5"'),
    });
    const uploaded = (await dwh.loadDay("2024-10-01")).get("upload_increment_data_to_staging");
    const whole = { rowsDuplicate: 0, rowsRejected: 0, rowsFiltered: 0 };
    expect(uploaded?.output).toEqual({
      customer_research_inc: { ...whole, rowsIn: 1, rowsOut: 1 },
      user_order_log_inc: { ...whole, rowsIn: 15, rowsOut: 6, rowsDuplicate: 8, rowsRejected: 1 },
      user_activity_log_inc: { ...whole, rowsIn: 3, rowsOut: 3 },
    });
  });
});

test("refunds are negative amounts with positive quantities; the signed view turns the quantity", async () => {
  dwh.give("2024-10-01", [
    { uniqId: "a", customer: 1, item: 0, amount: "10.50", quantity: 3 },
    { uniqId: "b", customer: 2, item: 0, amount: "10.50", quantity: 3, status: "refunded" },
    { uniqId: "c", customer: 3, item: 0, amount: "0.01", quantity: 1 },
  ]);
  await dwh.loadDay("2024-10-01");
  const rows = (view: string) =>
    dwh.query(`select quantity, payment_amount, status from ${view} order by uniq_id`);
  const shipped = { quantity: "3", payment_amount: "10.50", status: "shipped" };
  const refund = { quantity: "3", payment_amount: "-10.50", status: "refunded" };
  const small = { quantity: "1", payment_amount: "0.01", status: "shipped" };
  expect(await rows("mart.f_sales")).toEqual([shipped, refund, small]);
  expect(await rows("mart.v_f_sales_signed")).toEqual([
    shipped,
    { ...refund, quantity: "-3" },
    small,
  ]);
});

test("a customer has the name and city of the latest order, then of the larger uniq_id", async () => {
  const of = (id: string, name: string, city: number): TestOrder => ({
    uniqId: id,
    customer: 1,
    item: 0,
    amount: 1,
    lastName: name,
    city,
  });
  const others: TestOrder[] = [2, 3].map((customer) => ({
    uniqId: `o${customer}`,
    customer,
    item: 0,
    amount: 1,
  }));
  const customer = () =>
    dwh.query("select last_name, city_id from mart.d_customer where customer_id = 1");
  dwh.give("2024-10-02", [of("b", "Second", 2), of("a", "First", 1), ...others]);
  await dwh.loadDay("2024-10-02");
  expect(await customer()).toEqual([{ last_name: "Second", city_id: 2 }]);
  dwh.give("2024-10-01", [
    of("z", "Before", 3),
    ...others.map((order) => ({ ...order, uniqId: `p${order.customer}` })),
  ]);
  await dwh.loadDay("2024-10-01");
  expect(await customer()).toEqual([{ last_name: "Second", city_id: 2 }]);
  // The day is corrected: the customer is no longer in it, so the order of the day before names them again.
  dwh.give("2024-10-02", [{ uniqId: "q", customer: 4, item: 0, amount: 1 }, ...others]);
  await dwh.loadDay("2024-10-02");
  expect(await customer()).toEqual([{ last_name: "Before", city_id: 3 }]);
});

test("0 is an item, an action, a quantity; a last name may be longer than 15 characters", async () => {
  const lastName = "Константинопольская-Переяславская";
  dwh.give("2024-10-01", [
    { uniqId: "a", customer: 0, item: 0, amount: 0, quantity: 0, lastName },
    { uniqId: "b", customer: 1, item: 0, amount: 1 },
    { uniqId: "c", customer: 2, item: 0, amount: 1 },
  ]);
  await dwh.loadDay("2024-10-01");
  const [order] = await dwh.query(
    `select s.item_id, s.quantity, s.payment_amount, c.last_name
     from mart.f_sales s join mart.d_customer c using (customer_id) where customer_id = 0`,
  );
  expect(order).toEqual({
    item_id: 0,
    quantity: "0",
    payment_amount: "0.00",
    last_name: lastName,
  });
});

test("a day that the calendar lacks fails loudly and changes no sale", async () => {
  dwh.give("2036-01-01", [
    { uniqId: "a", customer: 1, item: 0, amount: 1 },
    { uniqId: "b", customer: 2, item: 0, amount: 1 },
    { uniqId: "c", customer: 3, item: 0, amount: 1 },
  ]);
  const sales = (await dwh.tryDay("2036-01-01")).get("update_f_sales");
  expect(sales?.state).toBe("failed");
  expect(sales?.error?.message).toMatch(/d_calendar".*2036-01-01 are missing; add them/);
  expect(await dwh.rowsOf("mart.f_sales")).toEqual([]);
  const log = await dwh.query("select task, status from etl.run_log where status = 'failed'");
  expect(log).toEqual([{ task: "update_f_sales", status: "failed" }]);
});
