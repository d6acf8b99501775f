import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { craftMarket } from "../../../dags/connections.ts";
import craftMarketDwh from "../../../dags/craft_market/craft_market_dwh.ts";
import { refreshMart } from "../../../dags/craft_market/lib/refresh-marts.ts";
import { craftMarketSummary } from "../../../dags/craft_market/lib/summary.ts";
import { runDag } from "../run-dag.ts";
import { type Market, market } from "./market.ts";

/** The demo volume: a first pass, the same again, a second batch. Later tests read what came of it. */
let dwh: Market;
const sums: Record<"first" | "again" | "second" | "rebuilt", Record<string, string>> = {
  first: {},
  again: {},
  second: {},
  rebuilt: {},
};
const marts: Record<"first" | "second" | "rebuilt", unknown[]> = {
  first: [],
  second: [],
  rebuilt: [],
};
let watermarks: { first: number; again: number; second: number };
let secondCounts: unknown;
const generated = (pass: number) => ({ sources: "generated", today: "2025-01-01", pass });

const run = (params: Record<string, unknown>, runType: "manual" | "backfill" = "manual") =>
  runDag(craftMarketDwh, { connections: dwh.connections, params, runType });
const bothMarts = async () => [...(await dwh.mart("customer")), ...(await dwh.mart("craftsman"))];
const count = async (from: string): Promise<number> =>
  Number((await dwh.query<{ n: string }>(`select count(*) as n from ${from}`))[0]?.n);
const watermarkRows = () => count("dwh.load_dates_customer_report_datamart");

beforeAll(async () => {
  dwh = await market();
  await run(generated(1));
  sums.first = await dwh.checksums();
  marts.first = await bothMarts();
  const first = await watermarkRows();
  await run(generated(1));
  sums.again = await dwh.checksums();
  const again = await watermarkRows();
  const second = await run(generated(2));
  secondCounts = second.get("refresh_customer_report_datamart")?.output;
  sums.second = await dwh.checksums();
  marts.second = await bothMarts();
  watermarks = { first, again, second: await watermarkRows() };
  await using ctx = testContext({ connections: dwh.connections });
  await refreshMart(ctx, "customer", { rebuild: true });
  await refreshMart(ctx, "craftsman", { rebuild: true });
  marts.rebuilt = await bothMarts();
});
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
});

const sqlOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sql"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");

describe("promises", () => {
  test("four unlike schemas, one staging by UNION ALL", async () => {
    expect(
      await dwh.query(
        "select source_system, count(*) from staging.tmp_sources group by 1 order by 1",
      ),
    ).toEqual([
      { source_system: "external_source", count: "1010" },
      { source_system: "source1", count: "1010" },
      { source_system: "source2", count: "1010" },
      { source_system: "source3", count: "1010" },
    ]);
  });

  test("sources, tmp_sources, dimensions and facts, reports: the order of tasks in the run log", async () => {
    const rows = await dwh.query<{ task: string }>(
      `select task from etl.run_log
       where run_id = (select run_id from etl.run_log order by run_log_id desc offset 2 limit 1)
       order by finished_at, run_log_id`,
    );
    expect(rows.map(({ task }) => task)).toEqual([
      "load_sources",
      "stage_tmp_sources",
      "merge_d_craftsman",
      "merge_d_customer",
      "merge_d_product",
      "merge_f_order",
      "refresh_customer_report_datamart",
      "refresh_craftsman_report_datamart",
      "refresh_views",
    ]);
  });

  test("JOIN over several levels, TEMP TABLE, CTE, AGE, EXTRACT, TO_CHAR, MERGE, UNION ALL", () => {
    const sql = sqlOf("sql/craft_market").toLowerCase();
    for (const word of [
      /create temp table/,
      /\bwith \w+ as/,
      /\bage\(/,
      /extract\(/,
      /to_char\(/,
    ]) {
      expect(sql).toMatch(word);
    }
    expect(sql).toMatch(/merge into dwh\.f_order/);
    expect(sql).toMatch(/join [^;]+join [^;]+join/);
  });

  test("upsert by MERGE, integrity: run twice gives equal tables", () => {
    expect(Object.keys(sums.first).length).toBeGreaterThan(15);
    expect(sums.again).toEqual(sums.first);
    expect(watermarks).toEqual({ first: 1, again: 1, second: 2 });
  });

  test("keys are unique, and no order is an orphan", async () => {
    expect(
      await count(
        `dwh.f_order f
         left join dwh.d_product p using (product_id)
         left join dwh.d_craftsman c using (craftsman_id)
         left join dwh.d_customer u using (customer_id)
         where p.product_id is null or c.craftsman_id is null or u.customer_id is null`,
      ),
    ).toBe(0);
    for (const [table, key] of [
      ["f_order", "product_id, craftsman_id, customer_id, order_created_date"],
      ["d_customer", "customer_name, customer_email"],
      ["d_craftsman", "craftsman_name, craftsman_email"],
      ["d_product", "product_name, product_description, product_price"],
      ["customer_report_datamart", "customer_id, report_period"],
    ]) {
      expect(await count(`dwh.${table}`)).toBeGreaterThan(0);
      expect(
        await count(`(select 1 from dwh.${table} group by ${key} having count(*) > 1) twice`),
      ).toBe(0);
    }
  });

  test("a second batch recomputes its own months only", () => {
    const { rowsIn } = secondCounts as { rowsIn: number };
    expect(rowsIn).toBeGreaterThan(40);
    expect(rowsIn).toBeLessThan(400);
    expect(marts.first.length).toBeGreaterThan(3_000);
  });

  test("more than 15 metrics: 12 in the mart, 11 in the loyalty profile", async () => {
    const columns = async (table: string): Promise<string[]> =>
      (
        await dwh.query<{ name: string }>(
          `select column_name as name from information_schema.columns
           where table_schema = 'dwh' and table_name = '${table}' order by ordinal_position`,
        )
      ).map(({ name }) => name);
    expect((await columns("customer_report_datamart")).slice(6, 18)).toEqual([
      "customer_money",
      "platform_money",
      "count_order",
      "avg_price_order",
      "median_time_order_completed",
      "top_product_category",
      "top_craftsman_id",
      "count_order_created",
      "count_order_in_progress",
      "count_order_delivery",
      "count_order_done",
      "count_order_not_done",
    ]);
    expect((await columns("customer_loyalty_profile")).slice(3)).toEqual([
      "ltv_money",
      "ltv_platform_money",
      "lifetime_orders",
      "lifetime_avg_check",
      "months_active",
      "first_period",
      "last_period",
      "customer_age",
      "days_since_last_order",
      "favourite_category",
      "loyalty_tier",
    ]);
  });

  test("loyalty programme, preferences, promotions: tier, favourite category, orders per month", async () => {
    await using ctx = testContext({ connections: dwh.connections });
    const { answers, reconciled, problems } = await craftMarketSummary(await ctx.open(craftMarket));
    expect(problems).toEqual([]);
    expect(reconciled).toBe(true);
    const tiers = answers["Loyalty programme: tiers"] ?? [];
    expect(tiers.map(({ tier }) => tier)).toEqual([1, 2, 3, 4]);
    expect(answers["Preferences: favourite categories"]).toHaveLength(5);
    expect(answers["Promotions: the last twelve months"]).toHaveLength(12);
  });
});

describe("done when", () => {
  test("invariants hold", async () => {
    expect(
      await count(
        `dwh.customer_report_datamart
         where count_order_created + count_order_in_progress + count_order_delivery <> count_order_not_done
           or count_order_not_done + count_order_done <> count_order`,
      ),
    ).toBe(0);
  });

  test("the sum of customer_money is the sum of product_price over f_order", async () => {
    const [row] = await dwh.query<{ mart: string; star: string }>(
      `select
         (select sum(customer_money) from dwh.customer_report_datamart)::text as mart,
         (select sum(product_price)::numeric(15, 2)
          from dwh.f_order join dwh.d_product using (product_id))::text as star`,
    );
    expect(row?.mart).toBe(row?.star);
    expect(Number(row?.star)).toBeGreaterThan(500_000);
  });

  test("staged orders = facts + rejects", async () => {
    const rejects = await count("dq.rejected_rows");
    expect(rejects).toBeGreaterThan(20);
    expect(await count("staging.tmp_sources")).toBe((await count("dwh.f_order")) + rejects);
  });

  test("after the second batch the incremental mart equals a full rebuild, row by row", () => {
    expect(marts.second).not.toEqual(marts.first);
    expect(marts.rebuilt).toEqual(marts.second);
  });

  test("a full warehouse from nothing has the same marts as pass by pass", async () => {
    await using other = await market();
    await runDag(craftMarketDwh, { connections: other.connections, params: generated(1) });
    await other.query(
      `truncate staging.tmp_sources, staging.tmp_sources_fact, dwh.f_order, dwh.d_product,
         dwh.d_customer, dwh.d_craftsman, dwh.customer_report_datamart,
         dwh.craftsman_report_datamart, dwh.load_dates_customer_report_datamart,
         dwh.load_dates_craftsman_report_datamart, dq.rejected_rows`,
    );
    await runDag(craftMarketDwh, { connections: other.connections, params: generated(2) });
    const byName = (one: Market) =>
      one.query(
        `select to_jsonb(m) - 'id' - 'customer_id' - 'top_craftsman_id' as row
         from dwh.customer_report_datamart m order by customer_email, customer_name, report_period`,
      );
    expect(await byName(other)).toEqual(await byName(dwh));
  });
});

test("backfill of a past range gives the same tables as the daily runs, which find nothing new", async () => {
  const before = await dwh.checksums();
  for (const day of ["2024-03-01", "2024-03-02"]) {
    const start = new Date(`${day}T00:00:00Z`);
    const end = new Date(start.getTime() + 86_400_000);
    const dataInterval = { start: start.toISOString(), end: end.toISOString() };
    await runDag(craftMarketDwh, {
      connections: dwh.connections,
      runType: "backfill",
      dataInterval,
    });
  }
  expect(await dwh.checksums()).toEqual(before);
});
