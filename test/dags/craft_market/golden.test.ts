import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { customerA, done } from "./golden-case.ts";
import { type Market, market } from "./market.ts";

let dwh: Market;
beforeAll(async () => {
  dwh = await market();
});
beforeEach(() => dwh.empty());
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
});

describe("Done when", () => {
  test("the golden mini-case gives both rows; LTV of A is 650.00", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    const rows = await dwh.query(
      `select report_period, customer_money, platform_money, count_order, avg_price_order,
         median_time_order_completed, top_product_category, top_craftsman_id, count_order_created,
         count_order_in_progress, count_order_delivery, count_order_done, count_order_not_done
       from dwh.customer_report_datamart order by report_period`,
    );
    const [maker1] = await dwh.query<{ id: string }>(
      "select craftsman_id as id from dwh.d_craftsman where craftsman_name = 'Maker 1'",
    );
    expect(rows).toEqual([
      {
        report_period: "2024-01",
        customer_money: "600.00",
        platform_money: "60.00",
        count_order: "3",
        avg_price_order: "200.00",
        median_time_order_completed: "3.0",
        top_product_category: "clothes",
        top_craftsman_id: maker1?.id,
        count_order_created: "0",
        count_order_in_progress: "0",
        count_order_delivery: "1",
        count_order_done: "2",
        count_order_not_done: "1",
      },
      {
        report_period: "2024-02",
        customer_money: "50.00",
        platform_money: "5.00",
        count_order: "1",
        avg_price_order: "50.00",
        median_time_order_completed: null,
        top_product_category: "clothes",
        top_craftsman_id: maker1?.id,
        count_order_created: "1",
        count_order_in_progress: "0",
        count_order_delivery: "0",
        count_order_done: "0",
        count_order_not_done: "1",
      },
    ]);
    expect(
      await dwh.query(
        `select ltv_money, ltv_platform_money, lifetime_orders, lifetime_avg_check, months_active,
           first_period, last_period, favourite_category, loyalty_tier
         from dwh.customer_loyalty_profile`,
      ),
    ).toEqual([
      {
        ltv_money: "650.00",
        ltv_platform_money: "65.00",
        lifetime_orders: "4",
        lifetime_avg_check: "162.50",
        months_active: "2",
        first_period: "2024-01",
        last_period: "2024-02",
        favourite_category: "clothes",
        loyalty_tier: 1,
      },
    ]);
  });

  test("after a rerun the delta is empty and no watermark row is added", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    const before = await dwh.checksums();
    expect(await dwh.watermarks()).toHaveLength(1);
    const { customer, craftsman } = await dwh.load();
    expect(customer).toMatchObject({ rowsIn: 0, rowsOut: 0 });
    expect(craftsman).toMatchObject({ rowsIn: 0, rowsOut: 0 });
    expect(await dwh.watermarks()).toHaveLength(1);
    expect(await dwh.checksums()).toEqual(before);
  });

  test("a status change moves only that month", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.give({ ...customerA[3], id: 4, ...done("2024-02-01", "2024-02-05") });
    const { customer, f_order } = await dwh.load();
    expect(f_order).toMatchObject({ rowsOut: 1 });
    expect(customer).toMatchObject({ rowsIn: 1, rowsOut: 1 });
    expect(await dwh.months("count_order_done, median_time_order_completed as median")).toEqual([
      { customer_name: "A", report_period: "2024-01", count_order_done: "2", median: "3.0" },
      { customer_name: "A", report_period: "2024-02", count_order_done: "1", median: "4.0" },
    ]);
  });

  test("an address change rewrites all months' attributes", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.give(...customerA.map((order) => ({ ...order, customer_address: "2 Quay" })));
    expect((await dwh.load())["customer"]).toMatchObject({ rowsIn: 2, rowsOut: 2 });
    expect(await dwh.months("customer_address, customer_money")).toEqual([
      {
        customer_name: "A",
        report_period: "2024-01",
        customer_address: "2 Quay",
        customer_money: "600.00",
      },
      {
        customer_name: "A",
        report_period: "2024-02",
        customer_address: "2 Quay",
        customer_money: "50.00",
      },
    ]);
  });

  test("a new month inserts a row", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.give({ id: 5, order_created_date: "2024-03-31", product_price: 70 });
    expect((await dwh.load())["customer"]).toMatchObject({ rowsIn: 1, rowsOut: 1 });
    expect((await dwh.months("customer_money")).map((row) => row["customer_money"])).toEqual([
      "600.00",
      "50.00",
      "70.00",
    ]);
  });

  test("30 orders stay 30 where defect (a) would count them six times", async () => {
    const orders = Array.from({ length: 30 }, (_, index) => ({ id: index + 1 }));
    await dwh.give(...orders);
    await dwh.load();
    // Six changed orders of one month would list its key six times.
    await dwh.give(...orders.slice(0, 6).map((order) => ({ ...order, order_status: "delivery" })));
    expect((await dwh.load())["customer"]).toMatchObject({ rowsIn: 1 });
    expect(await dwh.months("count_order, customer_money, count_order_delivery")).toEqual([
      {
        customer_name: "A",
        report_period: "2024-01",
        count_order: "30",
        customer_money: "3000.00",
        count_order_delivery: "6",
      },
    ]);
  });

  test("a fifth source is added by registering one extractor", async () => {
    const { extractors } = await import("../../../dags/craft_market/lib/extractors.ts");
    await dwh.give(...customerA);
    await dwh.load();
    const shape = () =>
      dwh.query(
        `select table_name, column_name, data_type from information_schema.columns
         where table_schema = 'dwh' order by 1, 2`,
      );
    const before = await shape();
    await dwh.query("create schema if not exists fifth");
    await dwh.query(
      "create table fifth.sales as select * from source1.craft_market_wide where id = 1",
    );
    await dwh.query(
      "update fifth.sales set customer_name = 'Fifth', order_created_date = '2024-05-05', order_completion_date = '2024-05-06'",
    );
    const fifth = {
      sourceSystem: "fifth",
      file: "../../test/dags/craft_market/fifth.sql",
      tables: [],
    };
    await dwh.load({ extractors: [...extractors, fifth] });
    expect(await shape()).toEqual(before);
    expect(
      await dwh.query(
        "select source_system, count(*) from staging.tmp_sources group by 1 order by 1",
      ),
    ).toEqual([
      { source_system: "fifth", count: "1" },
      { source_system: "source1", count: "4" },
    ]);
    expect(await dwh.months("count_order")).toContainEqual({
      customer_name: "Fifth",
      report_period: "2024-05",
      count_order: "1",
    });
    await dwh.query("drop schema fifth cascade");
  });
});

test("tiers are quartiles of what customers spent, equal ones by the lower id", async () => {
  const prices = [10, 20, 20, 20, 50, 60, 70, 80];
  await dwh.give(
    ...prices.map((price, at) => ({ id: at + 1, customer_name: `c${at}`, product_price: price })),
  );
  await dwh.load();
  const rows = await dwh.query<{ ltv: number; tier: number }>(
    `select ltv_money::int as ltv, loyalty_tier as tier from dwh.customer_loyalty_profile
     order by ltv_money desc, customer_id`,
  );
  expect(rows.map(({ ltv, tier }) => `${ltv} ${tier}`)).toEqual([
    "80 1",
    "70 1",
    "60 2",
    "50 2",
    "20 3",
    "20 3",
    "20 4",
    "10 4",
  ]);
});

test("the craftsman's mart shares the price nine to one and knows the age of its customers", async () => {
  await dwh.give(...customerA, {
    id: 5,
    customer_name: "B",
    customer_birthday: "2000-01-31",
    product_price: 101,
  });
  await dwh.load();
  expect(
    await dwh.query(
      `select craftsman_name, report_period, craftsman_money, platform_money, count_order,
         avg_age_customer, median_time_order_completed as median
       from dwh.craftsman_report_datamart order by 1, 2`,
    ),
  ).toEqual([
    // A is 33 at the end of January, B turned 24 on that day: (33 + 33 + 24) / 3.
    {
      craftsman_name: "Maker 1",
      report_period: "2024-01",
      craftsman_money: "450.90",
      platform_money: "50.10",
      count_order: "3",
      avg_age_customer: "30.0",
      median: "2.0",
    },
    {
      craftsman_name: "Maker 1",
      report_period: "2024-02",
      craftsman_money: "45.00",
      platform_money: "5.00",
      count_order: "1",
      avg_age_customer: "33.0",
      median: null,
    },
    {
      craftsman_name: "Maker 2",
      report_period: "2024-01",
      craftsman_money: "180.00",
      platform_money: "20.00",
      count_order: "1",
      avg_age_customer: "33.0",
      median: "4.0",
    },
  ]);
  expect(
    await dwh.query(
      "select * from dwh.orders_report_materialized_view where report_period = '2024-01'",
    ),
  ).toEqual([
    {
      report_period: "2024-01",
      total_money: "701.00",
      total_products: "4",
      avg_age_craftsman: "53.0",
      avg_age_customer: "30.8",
      count_order_created: "1",
      count_order_in_progress: "0",
      count_order_delivery: "1",
      count_order_done: "2",
      count_order_not_done: "2",
      avg_time_order_completed: "3.0",
      median_time_order_completed: "3.0",
    },
  ]);
});
