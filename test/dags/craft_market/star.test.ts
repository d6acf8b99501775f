import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { customerA } from "./golden-case.ts";
import { type Market, market, type WideOrder } from "./market.ts";

let dwh: Market;
beforeAll(async () => {
  dwh = await market();
});
beforeEach(() => dwh.empty());
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
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
    expect(await dwh.months("count_order")).toEqual([
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
    expect(await dwh.months("top_product_category as top")).toEqual([
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
    expect(await dwh.months("customer_address, customer_birthday")).toEqual([
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
    expect(await dwh.months("customer_money")).toEqual([
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
