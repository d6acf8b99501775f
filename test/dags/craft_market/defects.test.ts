import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { customerA, done, maker2 } from "./golden-case.ts";
import { type Market, market } from "./market.ts";

let dwh: Market;
beforeAll(async () => {
  dwh = await market();
});
beforeEach(() => dwh.empty());
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
});

describe("Do not replicate", () => {
  test("(b) an update of one month leaves the other months of the customer as they are", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.give({ ...customerA[0], id: 1, ...done("2024-01-01", "2024-01-05") });
    await dwh.load();
    expect(await dwh.months("customer_money, median_time_order_completed as median")).toEqual([
      { customer_name: "A", report_period: "2024-01", customer_money: "600.00", median: "4.0" },
      { customer_name: "A", report_period: "2024-02", customer_money: "50.00", median: null },
    ]);
  });

  test("(c) a new month of a known customer is inserted", async () => {
    await dwh.give(...customerA.slice(0, 3));
    await dwh.load();
    await dwh.give(...customerA);
    await dwh.load();
    expect(await dwh.months("count_order")).toHaveLength(2);
  });

  test("(d) top category and craftsman are those of the whole month, and of that month alone", async () => {
    await dwh.give(
      ...customerA,
      { id: 5, order_created_date: "2024-02-02", product_type: "Beverages", ...maker2 },
      { id: 6, order_created_date: "2024-02-03", product_type: "Beverages", ...maker2 },
    );
    await dwh.load();
    // The delta alone is one order of another type and craftsman.
    await dwh.give({
      id: 7,
      order_created_date: "2024-01-20",
      product_type: "Beverages",
      ...maker2,
    });
    await dwh.give({ id: 8, order_created_date: "2024-01-21" });
    await dwh.load();
    const rows = await dwh.query(
      `select m.report_period, m.top_product_category as category, c.craftsman_name as craftsman
       from dwh.customer_report_datamart m
       join dwh.d_craftsman c on c.craftsman_id = m.top_craftsman_id order by 1`,
    );
    expect(rows).toEqual([
      { report_period: "2024-01", category: "clothes", craftsman: "Maker 1" },
      { report_period: "2024-02", category: "Beverages", craftsman: "Maker 2" },
    ]);
  });

  test("(d) a tie goes to the first category of the alphabet and the lowest craftsman", async () => {
    await dwh.give(
      { id: 1, product_type: "clothes", ...maker2 },
      { id: 2, product_type: "Beverages" },
    );
    await dwh.load();
    const [low] = await dwh.query<{ id: string }>(
      "select min(craftsman_id) as id from dwh.d_craftsman",
    );
    expect(
      await dwh.months("top_product_category as category, top_craftsman_id as craftsman"),
    ).toEqual([
      { customer_name: "A", report_period: "2024-01", category: "Beverages", craftsman: low?.id },
    ]);
  });

  test("(e) two source rows of one key neither fail nor double: the most advanced status stays", async () => {
    const key = { product_name: "one", order_created_date: "2024-01-10" };
    await dwh.give(
      { id: 1, ...key, order_status: "delivery" },
      { id: 2, ...key, ...done("2024-01-10", "2024-01-12") },
      { id: 3, ...key, order_status: "created" },
    );
    for (const _ of ["inserted", "matched"]) {
      const { f_order } = await dwh.load();
      expect(f_order).toMatchObject({ rowsIn: 3, rowsRejected: 2 });
      expect(
        await dwh.query("select order_status, order_completion_date::text as day from dwh.f_order"),
      ).toEqual([{ order_status: "done", day: "2024-01-12" }]);
    }
    expect(
      await dwh.query("select row_key, reason_code, table_name from dq.rejected_rows order by 1"),
    ).toEqual([
      { row_key: "1", reason_code: "duplicate_merge_key", table_name: "dwh.f_order" },
      { row_key: "3", reason_code: "duplicate_merge_key", table_name: "dwh.f_order" },
    ]);
  });

  test("(f) a null in a merge key is a reject, and the same one after a rerun", async () => {
    await dwh.give({ id: 1 }, { id: 2, customer_name: null }, { id: 3, order_created_date: null });
    for (const _ of ["first", "again"]) {
      expect((await dwh.load())["staged"]).toMatchObject({
        rowsIn: 3,
        rowsOut: 1,
        rowsRejected: 2,
      });
      expect(
        await dwh.query("select row_key, reason_code from dq.rejected_rows order by 1"),
      ).toEqual([
        { row_key: "2", reason_code: "customer_key_missing" },
        { row_key: "3", reason_code: "created_date_missing" },
      ]);
      expect(await dwh.query("select 1 from dwh.f_order")).toHaveLength(1);
    }
  });

  test("(g) the watermark is the latest load time of all four tables, the facts' among them", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    const [latest] = await dwh.query<{ at: string }>(
      `select greatest(
         (select max(load_dttm) from dwh.f_order), (select max(load_dttm) from dwh.d_product),
         (select max(load_dttm) from dwh.d_customer), (select max(load_dttm) from dwh.d_craftsman)
       )::text as at`,
    );
    expect(await dwh.watermarks()).toEqual([{ load_dttm: latest?.at }]);
    const [fact] = await dwh.query<{ at: string }>(
      "select max(load_dttm)::text as at from dwh.f_order",
    );
    expect(fact?.at).toBe(latest?.at);
  });

  test("(h) only what really changed gets a new load time", async () => {
    await dwh.give(...customerA, { id: 5, customer_address: null, customer_name: "B" });
    await dwh.load();
    const [before] = await dwh.watermarks();
    await dwh.give({
      ...customerA[0],
      id: 1,
      order_completion_date: "2024-01-04",
      order_status: "done",
    });
    await dwh.load();
    const changed = await dwh.query<{ n: string }>(
      `select
         (select count(*) from dwh.f_order where load_dttm > $1::timestamp)
         + (select count(*) from dwh.d_customer where load_dttm > $1::timestamp)
         + (select count(*) from dwh.d_craftsman where load_dttm > $1::timestamp)
         + (select count(*) from dwh.d_product where load_dttm > $1::timestamp) as n`,
      [before?.load_dttm],
    );
    expect(changed[0]?.n).toBe("1");
  });
});
