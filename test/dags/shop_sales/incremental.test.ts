import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import fc from "fast-check";
import { oneDay } from "../../../dags/shop_sales/lib/increment.ts";
import {
  updateCities,
  updateCustomers,
  updateItems,
  updateRetention,
  updateSales,
} from "../../../dags/shop_sales/lib/marts.ts";
import { uploadIncrement } from "../../../dags/shop_sales/lib/upload.ts";
import { activityFile, orderFile, researchFile, type Shop, shop, type TestOrder } from "./shop.ts";
import { httpServer, type HttpServer } from "../../helpers/http-server.ts";

/** Two ISO weeks, cut in the middle by the turn of the ISO year. */
const days = ["2024-12-28", "2024-12-29", "2024-12-30", "2025-01-01"] as const;
type Day = (typeof days)[number];

let dwh: Shop;
let files: HttpServer;
const contents = new Map<Day, readonly TestOrder[]>();

beforeAll(async () => {
  dwh = await shop();
  dwh.give("2024-10-01", []);
  await dwh.tryDay("2024-10-01");
  files = await httpServer(({ url }) => {
    const [, day = "", name = ""] = url.split("/");
    const orders = contents.get(day as Day) ?? [];
    if (name === "orders") return { body: orderFile(day, orders) };
    return { body: name === "activity" ? activityFile(day, []) : researchFile(day) };
  });
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
  await dwh[Symbol.asyncDispose]();
});

/** What a run does between its report and its end, without the waiting in between. */
async function load(day: Day): Promise<void> {
  await using ctx = testContext({ connections: dwh.connections });
  const urls = {
    user_order_log_inc: `${files.url}/${day}/orders`,
    user_activity_log_inc: `${files.url}/${day}/activity`,
    customer_research_inc: `${files.url}/${day}/research`,
  };
  await uploadIncrement(ctx, { files: urls, days: oneDay(day), loadKey: day });
  await updateCities(ctx, oneDay(day));
  await updateCustomers(ctx, oneDay(day));
  await updateItems(ctx, oneDay(day));
  await updateSales(ctx, oneDay(day));
  await updateRetention(ctx, oneDay(day), { scope: "item" });
}

const order = fc.record({
  id: fc.integer({ min: 0, max: 9 }),
  customer: fc.integer({ min: 0, max: 3 }),
  item: fc.integer({ min: 0, max: 2 }),
  city: fc.integer({ min: 1, max: 2 }),
  amount: fc.integer({ min: 0, max: 500 }),
  status: fc.constantFrom("shipped", "refunded"),
});
/** One delivery of a day; a later one of the same day takes its place. */
const delivery = fc.record({
  day: fc.constantFrom(...days),
  orders: fc.array(order, { maxLength: 8 }),
});

/** What the warehouse says, without ids and without keys that nothing refers to any more. */
const state = async () => ({
  sales: await dwh.contentOf("mart.f_sales"),
  retention: await dwh.contentOf("mart.f_customer_retention"),
  customers: await dwh.query(
    `select customer_id, first_name, last_name, city_id from mart.d_customer
     where customer_id in (select customer_id from mart.f_sales) order by 1`,
  ),
  rejects: await dwh.query("select row_key, reason_code from dq.rejected_rows order by 1"),
});

test("deliveries and corrections in any order give the tables of one full rebuild", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(delivery, { minLength: 3, maxLength: 6 }), async (deliveries) => {
      await dwh.empty();
      contents.clear();
      for (const { day, orders } of deliveries) {
        contents.set(
          day,
          orders.map(({ id, ...rest }) => ({ uniqId: `${day.slice(5)}/${id}`, ...rest })),
        );
        await load(day);
      }
      const incremental = await state();
      await dwh.empty();
      for (const day of [...contents.keys()].toSorted()) await load(day);
      expect(await state()).toEqual(incremental);
    }),
    { numRuns: 8, seed: 42, endOnFailure: true },
  );
});
