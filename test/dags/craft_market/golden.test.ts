import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { checkMarts, checkStar } from "../../../dags/craft_market/lib/checks.ts";
import { type Market, market, type WideOrder } from "./market.ts";

let dwh: Market;
beforeAll(async () => {
  dwh = await market();
});
beforeEach(() => dwh.empty());
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
});

const maker2 = {
  craftsman_id: 2,
  craftsman_name: "Maker 2",
  craftsman_email: "maker2@example.com",
};
const done = (created: string, completed: string) => ({
  order_created_date: created,
  order_completion_date: completed,
  order_status: "done",
});

/** Section 6 of the specification. */
const customerA: readonly WideOrder[] = [
  { id: 1, product_price: 100, ...done("2024-01-01", "2024-01-03") },
  { id: 2, product_price: 200, ...maker2, ...done("2024-01-10", "2024-01-14") },
  {
    id: 3,
    product_price: 300,
    product_type: "Beauty & Hygiene",
    order_created_date: "2024-01-31",
    order_status: "delivery",
  },
  { id: 4, product_price: 50, order_created_date: "2024-02-01", order_status: "created" },
];

const watermarks = () =>
  dwh.query<{ load_dttm: string }>(
    "select load_dttm::text from dwh.load_dates_customer_report_datamart order by id",
  );
const months = async (columns: string) =>
  dwh.query(
    `select customer_name, report_period, ${columns}
     from dwh.customer_report_datamart order by customer_name, report_period`,
  );

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
    expect(await watermarks()).toHaveLength(1);
    const { customer, craftsman } = await dwh.load();
    expect(customer).toMatchObject({ rowsIn: 0, rowsOut: 0 });
    expect(craftsman).toMatchObject({ rowsIn: 0, rowsOut: 0 });
    expect(await watermarks()).toHaveLength(1);
    expect(await dwh.checksums()).toEqual(before);
  });

  test("a status change moves only that month", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.give({ ...customerA[3], id: 4, ...done("2024-02-01", "2024-02-05") });
    const { customer, f_order } = await dwh.load();
    expect(f_order).toMatchObject({ rowsOut: 1 });
    expect(customer).toMatchObject({ rowsIn: 1, rowsOut: 1 });
    expect(await months("count_order_done, median_time_order_completed as median")).toEqual([
      { customer_name: "A", report_period: "2024-01", count_order_done: "2", median: "3.0" },
      { customer_name: "A", report_period: "2024-02", count_order_done: "1", median: "4.0" },
    ]);
  });

  test("an address change rewrites all months' attributes", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.give(...customerA.map((order) => ({ ...order, customer_address: "2 Quay" })));
    expect((await dwh.load())["customer"]).toMatchObject({ rowsIn: 2, rowsOut: 2 });
    expect(await months("customer_address, customer_money")).toEqual([
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
    expect((await months("customer_money")).map((row) => row["customer_money"])).toEqual([
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
    expect(await months("count_order, customer_money, count_order_delivery")).toEqual([
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
    expect(await months("count_order")).toContainEqual({
      customer_name: "Fifth",
      report_period: "2024-05",
      count_order: "1",
    });
    await dwh.query("drop schema fifth cascade");
  });
});

describe("Do not replicate", () => {
  test("(b) an update of one month leaves the other months of the customer as they are", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.give({ ...customerA[0], id: 1, ...done("2024-01-01", "2024-01-05") });
    await dwh.load();
    expect(await months("customer_money, median_time_order_completed as median")).toEqual([
      { customer_name: "A", report_period: "2024-01", customer_money: "600.00", median: "4.0" },
      { customer_name: "A", report_period: "2024-02", customer_money: "50.00", median: null },
    ]);
  });

  test("(c) a new month of a known customer is inserted", async () => {
    await dwh.give(...customerA.slice(0, 3));
    await dwh.load();
    await dwh.give(...customerA);
    await dwh.load();
    expect(await months("count_order")).toHaveLength(2);
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
    expect(await months("top_product_category as category, top_craftsman_id as craftsman")).toEqual(
      [{ customer_name: "A", report_period: "2024-01", category: "Beverages", craftsman: low?.id }],
    );
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
    expect(await watermarks()).toEqual([{ load_dttm: latest?.at }]);
    const [fact] = await dwh.query<{ at: string }>(
      "select max(load_dttm)::text as at from dwh.f_order",
    );
    expect(fact?.at).toBe(latest?.at);
  });

  test("(h) only what really changed gets a new load time", async () => {
    await dwh.give(...customerA, { id: 5, customer_address: null, customer_name: "B" });
    await dwh.load();
    const [before] = await watermarks();
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

describe("the star", () => {
  test("of one person in two sources the address with the latest order stays", async () => {
    await dwh.give({ id: 1, customer_address: "old", order_created_date: "2024-03-01" });
    await dwh.query(
      `insert into external_source.customers overriding system value
       values (1, 'A', 'new', '1990-06-15', 'a@example.com')`,
    );
    await dwh.query(
      `insert into external_source.craft_products_orders overriding system value
       values (1, 1, 'Maker 9', 'x', '1970-01-01', 'm9@example.com', 1, 'vase', '', 'other', 10,
         1, '2024-03-02', null, 'created', 1)`,
    );
    await dwh.load();
    expect(await dwh.query("select customer_name, customer_address from dwh.d_customer")).toEqual([
      { customer_name: "A", customer_address: "new" },
    ]);
    expect(await months("count_order")).toEqual([
      { customer_name: "A", report_period: "2024-03", count_order: "2" },
    ]);
  });

  test("a new price is a new product, a new type is not", async () => {
    const product = { product_name: "cap", product_description: 'a "cap",\nblue' };
    await dwh.give({ id: 1, ...product, order_created_date: "2024-01-01" });
    await dwh.load();
    await dwh.give(
      { id: 2, ...product, order_created_date: "2024-01-02", product_price: 120 },
      { id: 3, ...product, order_created_date: "2024-01-03", product_type: "hats" },
    );
    await dwh.load();
    expect(
      await dwh.query(
        "select product_type, product_price::int as price from dwh.d_product order by 2",
      ),
    ).toEqual([
      { product_type: "hats", price: 100 },
      { product_type: "clothes", price: 120 },
    ]);
    expect(await months("top_product_category as top")).toEqual([
      { customer_name: "A", report_period: "2024-01", top: "hats" },
    ]);
  });

  test("in-progress is in progress; an unknown status is a reject", async () => {
    await dwh.give({ id: 1, order_status: "in-progress" }, { id: 2, order_status: "returned" });
    await dwh.load();
    expect(await dwh.query("select order_status from dwh.f_order")).toEqual([
      { order_status: "in progress" },
    ]);
    expect(await dwh.query("select row_key, reason_code from dq.rejected_rows")).toEqual([
      { row_key: "2", reason_code: "status_unknown" },
    ]);
  });

  test.each<[string, Partial<WideOrder>]>([
    ["price_not_positive", { product_price: 0 }],
    ["price_too_large", { product_price: 100_000_000 }],
    ["completed_before_created", { order_completion_date: "2024-01-09" }],
    ["date_out_of_range", { order_created_date: "1899-12-31" }],
    ["birthday_out_of_range", { customer_birthday: "2024-01-11" }],
    ["birthday_out_of_range", { craftsman_birthday: "infinity" }],
  ])("%s is a reject: %j", async (reason, fields) => {
    await dwh.give({ id: 1, ...fields });
    await dwh.load();
    expect(await dwh.query("select reason_code from dq.rejected_rows")).toEqual([
      { reason_code: reason },
    ]);
    expect(await dwh.query("select 1 from dwh.f_order")).toEqual([]);
  });

  test("a missing address and birthday are kept, beside an empty address", async () => {
    await dwh.give(
      { id: 1, customer_address: null, customer_birthday: null },
      { id: 2, customer_address: "", customer_name: "B" },
    );
    await dwh.load();
    expect(await months("customer_address, customer_birthday")).toEqual([
      {
        customer_name: "A",
        report_period: "2024-01",
        customer_address: null,
        customer_birthday: null,
      },
      {
        customer_name: "B",
        report_period: "2024-01",
        customer_address: "",
        customer_birthday: expect.anything(),
      },
    ]);
  });

  test("a reject that its source corrects becomes an order", async () => {
    await dwh.give({ id: 1, product_price: 0 });
    await dwh.load();
    await dwh.give({ id: 1, product_price: 5 });
    await dwh.load();
    expect(await dwh.query("select 1 from dq.rejected_rows")).toEqual([]);
    expect(await months("customer_money")).toEqual([
      { customer_name: "A", report_period: "2024-01", customer_money: "5.00" },
    ]);
  });

  test("loads after the clock was set back are still part of the next delta", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query("update dwh.load_dates_customer_report_datamart set load_dttm = '2999-01-01'");
    await dwh.query("update dwh.load_dates_craftsman_report_datamart set load_dttm = '2999-01-01'");
    await dwh.give({ id: 9, order_created_date: "2024-04-01" });
    const { customer, craftsman } = await dwh.load();
    expect(customer).toMatchObject({ rowsIn: 1, rowsOut: 1 });
    expect(craftsman).toMatchObject({ rowsIn: 1, rowsOut: 1 });
  });
});

describe("checks", () => {
  const check = async (of: typeof checkStar) => {
    await using ctx = testContext({ connections: dwh.connections });
    return await of(ctx);
  };

  test("an order that is neither fact nor reject stops the run", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query("delete from dwh.f_order where order_created_date = '2024-02-01'");
    await expect(check(checkStar)).rejects.toThrow(/"staged orders are facts"/);
  });

  test("staging that a crash has emptied stops the run", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query("truncate staging.tmp_sources, staging.tmp_sources_fact");
    await expect(check(checkStar)).rejects.toThrow(/"staging is filled" found no row/);
  });

  test("a reject that was lost stops the run", async () => {
    await dwh.give(...customerA, { id: 5, product_price: 0 });
    await dwh.load();
    await dwh.query("delete from dq.rejected_rows");
    await expect(check(checkStar)).rejects.toThrow(/"staged orders = facts \+ rejects"/);
  });

  test("an order that its source took back is a warning, and stays", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query("delete from source1.craft_market_wide where id = 4");
    await dwh.load();
    expect(await check(checkStar)).toEqual({ passed: 4, failed: ["a source tells every fact"] });
    expect(await months("count_order")).toHaveLength(2);
  });

  test.each([
    ["orders by status add up", "count_order_done = count_order_done + 1"],
    ["marts equal the facts", "customer_money = customer_money + 0.01"],
  ])("a mart where not all %s stops the run", async (name, change) => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query(`update dwh.customer_report_datamart set ${change}`);
    await expect(check(checkMarts)).rejects.toThrow(`"${name}"`);
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
