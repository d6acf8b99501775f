import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import craftMarketDwh from "../../../dags/craft_market/craft_market_dwh.ts";
import { runDag } from "../run-dag.ts";
import { type Market, market } from "./market.ts";

let dwh: Market;
beforeAll(async () => {
  dwh = await market();
  const params = { sources: "generated", today: "2025-01-01", pass: 1 };
  await runDag(craftMarketDwh, { connections: dwh.connections, params });
});
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
});

const count = async (from: string): Promise<number> =>
  Number((await dwh.query<{ n: string }>(`select count(*) as n from ${from}`))[0]?.n);

const tie = (column: string) =>
  `(select from (
      select customer_id, to_char(order_created_date, 'YYYY-MM') as month, ${column}, count(*) as n,
        max(count(*)) over (
          partition by customer_id, to_char(order_created_date, 'YYYY-MM')
        ) as most
      from dwh.f_order join dwh.d_product using (product_id) group by 1, 2, 3
    ) counted where n = most group by customer_id, month having count(*) > 1) ties`;

describe("sample data has", () => {
  test.each([
    [
      "ids that collide across sources",
      "source1.craft_market_wide join source3.craft_market_orders using (order_id, customer_id)",
    ],
    [
      "one person in two sources at different addresses",
      `source3.craft_market_customers a join external_source.customers b
       using (customer_name, customer_email) where a.customer_address <> b.customer_address`,
    ],
    ["customers with one order", "dwh.customer_loyalty_profile where lifetime_orders = 1"],
    ["customers with two orders", "dwh.customer_loyalty_profile where lifetime_orders = 2"],
    ["customers with ten orders", "dwh.customer_loyalty_profile where lifetime_orders >= 10"],
    ["several orders in one month", "dwh.customer_report_datamart where count_order > 1"],
    ["customers of many months", "dwh.customer_loyalty_profile where months_active >= 10"],
    ["first days of months", "dwh.f_order where extract(day from order_created_date) = 1"],
    ["last days of months", "dwh.f_order where extract(day from order_created_date + 1) = 1"],
    [
      "months without a finished order",
      "dwh.customer_report_datamart where median_time_order_completed is null",
    ],
    ["in-progress", "source2.craft_market_orders_customers where order_status = 'in-progress'"],
    ["in progress", "source2.craft_market_orders_customers where order_status = 'in progress'"],
    ["missing addresses", "dwh.d_customer where customer_address is null"],
    ["empty addresses", "dwh.d_customer where customer_address = ''"],
    ["missing birthdays", "dwh.d_customer where customer_birthday is null"],
    ["newlines", "dwh.d_product where position(e'\n' in product_description) > 0"],
    ["quotes", `dwh.d_product where position('"' in product_description) > 0`],
    ["commas", "dwh.d_product where position(',' in product_description) > 0"],
    ["letters beyond ASCII", "dwh.d_product where product_description ~ '[^[:ascii:]]'"],
    ["empty descriptions", "dwh.d_product where product_description = ''"],
    [
      "a price change",
      `(select from dwh.d_product where product_description <> ''
        group by product_name, product_description having count(*) > 1) changed`,
    ],
    [
      "a type change",
      `(select from source3.craft_market_orders where product_description <> ''
        group by product_id having count(distinct product_type) > 1) changed`,
    ],
    ["ties for category", tie("product_type")],
    ["ties for craftsman", tie("craftsman_id")],
  ])("%s", async (_, from) => {
    expect(await count(from)).toBeGreaterThan(0);
  });

  test("each kind of reject", async () => {
    const rows = await dwh.query<{ reason: string }>(
      "select distinct reason_code as reason from dq.rejected_rows order by 1",
    );
    expect(rows.map(({ reason }) => reason)).toEqual([
      "completed_before_created",
      "craftsman_key_missing",
      "created_date_missing",
      "customer_key_missing",
      "duplicate_merge_key",
      "price_not_positive",
    ]);
  });
});
