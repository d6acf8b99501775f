import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Market, market, type WideOrder } from "./market.ts";

let dwh: Market;
beforeAll(async () => {
  dwh = await market();
});
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
});

const types = ["clothes", "Beverages", "zebra"] as const;
const statuses = ["created", "in-progress", "delivery", "done"] as const;

/** Few of everything, so that keys meet: orders of one key, of one month, of one person at two addresses. */
const order = fc
  .record({
    id: fc.integer({ min: 1, max: 12 }),
    customer: fc.integer({ min: 1, max: 2 }),
    craftsman: fc.integer({ min: 1, max: 2 }),
    product: fc.integer({ min: 1, max: 3 }),
    price: fc.constantFrom(0, 10, 25),
    type: fc.constantFrom(...types),
    address: fc.constantFrom("north", "south", "", null),
    day: fc.constantFrom("2024-01-01", "2024-01-31", "2024-02-01", "2024-02-29", null),
    status: fc.constantFrom(...statuses),
    days: fc.integer({ min: 0, max: 9 }),
  })
  .map(
    ({ id, customer, craftsman, product, price, type, address, day, status, days }): WideOrder => ({
      id,
      customer_name: `customer ${customer}`,
      customer_address: address,
      craftsman_name: `maker ${craftsman}`,
      craftsman_birthday: `19${60 + days}-01-01`,
      product_name: `product ${product}`,
      product_type: type,
      product_price: price,
      order_created_date: day,
      order_status: status,
      order_completion_date: status === "done" && day !== null ? plusDays(day, days) : null,
    }),
  );

const plusDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

interface Fact {
  readonly customer_id: string;
  readonly craftsman_id: string;
  readonly month: string;
  readonly price: number;
  readonly type: string;
  readonly status: string;
  readonly days: number | null;
}

const groupBy = <T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
};
const top = (values: readonly string[], before: (a: string, b: string) => number): string => {
  const counts = [...groupBy(values, (value) => value)].map(([value, all]) => ({
    value,
    n: all.length,
  }));
  return counts.toSorted((a, b) => b.n - a.n || before(a.value, b.value))[0]?.value ?? "";
};
const median = (values: readonly number[]): number | null => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
};

/** The mart by its definition, computed from all facts without a line of SQL. */
async function expectedMart() {
  const facts = await dwh.query<Fact & { id: string }>(
    `select f.customer_id, f.craftsman_id, to_char(f.order_created_date, 'YYYY-MM') as month,
       p.product_price::int as price, p.product_type as type, f.order_status as status,
       f.order_completion_date - f.order_created_date as days
     from dwh.f_order f join dwh.d_product p using (product_id)`,
  );
  return [...groupBy(facts, (fact) => `${fact.customer_id.padStart(9)} ${fact.month}`)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, orders]) => ({
      customer_id: Number(orders[0]?.customer_id),
      report_period: orders[0]?.month,
      customer_money: orders.reduce((sum, { price }) => sum + price, 0),
      count_order: orders.length,
      median_time_order_completed: median(
        orders.flatMap(({ days }) => (days === null ? [] : [days])),
      ),
      top_product_category: top(
        orders.map(({ type }) => type),
        (a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1),
      ),
      top_craftsman_id: Number(
        top(
          orders.map(({ craftsman_id }) => craftsman_id),
          (a, b) => Number(a) - Number(b),
        ),
      ),
      count_order_done: orders.filter(({ status }) => status === "done").length,
      count_order_in_progress: orders.filter(({ status }) => status === "in progress").length,
    }));
}

test("after random edits the incremental marts equal a full rebuild, and their definition", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uniqueArray(order, { selector: ({ id }) => id, minLength: 1, maxLength: 8 }), {
        minLength: 2,
        maxLength: 3,
      }),
      async (batches) => {
        await dwh.empty();
        for (const batch of batches) {
          await dwh.give(...batch);
          await dwh.load();
        }
        const incremental = [await dwh.mart("customer"), await dwh.mart("craftsman")];
        const expected = await expectedMart();
        expect(incremental[0]).toHaveLength(expected.length);
        expect(incremental[0]).toEqual(expected.map((row) => expect.objectContaining(row)));
        const again = await dwh.load();
        expect(again["customer"]).toMatchObject({ rowsIn: 0 });
        await dwh.load({ rebuild: true });
        expect([await dwh.mart("customer"), await dwh.mart("craftsman")]).toEqual(incremental);
      },
    ),
    { numRuns: 8, seed: 20_240_101 },
  );
});
