import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { shopSales } from "../../../dags/connections.ts";
import { daysOfIncrements, demoSample } from "../../../dags/shop_sales/lib/generator/sample.ts";
import { questions, shopSalesSummary } from "../../../dags/shop_sales/lib/summary.ts";
import uploadHistData from "../../../dags/shop_sales/upload_hist_data.ts";
import uploadIncData from "../../../dags/shop_sales/upload_inc_data.ts";
import { shopSales as demo } from "../../../demo/pipelines/shop-sales.ts";
import { startReportApi } from "../../../demo/services/report-api.ts";
import { sampleReports } from "../../../demo/services/sample-reports.ts";
import type { RunningService } from "../../../demo/services/service.ts";
import { targetDatabase, type TargetDatabase } from "../../helpers/target-database.ts";
import { lastOf, type Results, runAll } from "./shop.ts";

const tables = [
  "staging.user_order_log",
  "staging.user_activity_log",
  "staging.customer_research",
  "staging.price_log",
  "staging.dq_checks_results",
  "mart.d_calendar",
  "mart.d_city",
  "mart.d_item",
  "mart.d_customer",
  "mart.f_sales",
  "mart.f_customer_retention",
  "dq.rejected_rows",
];
const days = daysOfIncrements(demoSample);

let target: TargetDatabase;
let api: RunningService;
let connections: Record<string, string>;

const finished = (results: Results): Results => {
  const { taskId, state, error } = lastOf(results);
  if (state !== "success") throw new Error(`${taskId}: ${error?.message ?? state}`);
  return results;
};
const loadHistory = async () =>
  finished(await runAll(uploadHistData, { connections, date: "2024-01-01" }));
const loadDay = async (date: string, runType: "manual" | "backfill" = "manual") =>
  finished(await runAll(uploadIncData, { connections, date, runType }));
const summary = async () => {
  await using ctx = testContext({ connections });
  return await shopSalesSummary(await ctx.open(shopSales));
};
/** A checksum of each table, technical columns left out. */
const checksums = async (): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const table of tables) {
    const [row] = await target.query<{ sum: string }>(
      `select count(*) || ' ' || md5(coalesce(string_agg(r, '\n' order by r), '')) as sum
       from (select (to_jsonb(t) - 'checked_at' - 'rejected_at' - 'run_id' - 'rejected_row_id')::text
         as r from ${table} t) s`,
    );
    found[table] = row?.sum ?? "";
  }
  return found;
};

beforeAll(async () => {
  target = await targetDatabase();
  api = await startReportApi({ source: sampleReports(demoSample) });
  connections = { shop_sales: target.uri, shop_reports: api.uri };
  await loadHistory();
  for (const day of days) await loadDay(day);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

describe("the demo volume", () => {
  test("is green, and everything agrees", async () => {
    const { rows, problems, reconciled } = await summary();
    expect(problems).toEqual([]);
    expect(reconciled).toBe(true);
    expect(rows).toMatchObject({
      "staging.user_order_log": 5_743,
      "mart.f_sales": 5_743,
      "mart.d_city": 3,
      "mart.d_item": 12,
      "staging.customer_research": 900,
      "staging.price_log": 12,
      "dq.rejected_rows": 7,
    });
  });

  test("rows read = distinct + copies + rejects, per file", async () => {
    const files = await target.query<{ file: string; n: number; add_up: boolean }>(
      `select split_part(task, '/', 2) as file, count(*)::int as n,
         bool_and(rows_in > 0 and rows_in = rows_out + rows_duplicate + rows_rejected) as add_up
       from etl.run_log where task like '%.csv' group by 1 order by 1`,
    );
    const of = (file: string, n: number) => ({ file, n, add_up: true });
    expect(files).toEqual([
      of("customer_research.csv", 1),
      of("customer_research_inc.csv", 7),
      of("price_log.csv", 1),
      of("user_activity_log.csv", 1),
      of("user_activity_log_inc.csv", 7),
      of("user_order_log.csv", 1),
      of("user_order_log_inc.csv", 7),
    ]);
  });

  test("rejects the order of each increment that is in history", async () => {
    const rejects = await target.query(
      "select distinct source, reason_code, severity from dq.rejected_rows",
    );
    expect(rejects).toEqual([
      { source: "user_order_log_inc.csv", reason_code: "duplicate_uniq_id", severity: "error" },
    ]);
  });

  test("invariant: new and returning revenue is the shipped revenue of each week and item", async () => {
    const broken = await target.query(
      `with shipped as (
         select extract(isoyear from c.date_actual)::int as period_year, c.week_of_year as period_id,
           s.item_id, sum(s.payment_amount) filter (where s.status = 'shipped') as revenue
         from mart.f_sales s join mart.d_calendar c using (date_id) group by 1, 2, 3
       )
       select * from shipped
       full join mart.f_customer_retention r using (period_year, period_id, item_id)
       where r.new_customers_revenue + r.returning_customers_revenue
         is distinct from coalesce(shipped.revenue, 0)`,
    );
    expect(broken).toEqual([]);
  });

  test("an item with only refunds has a row, and so has one with only returning customers", async () => {
    const rows = await target.query(
      `select item_id, new_customers_count as new, returning_customers_count > 0 as returning,
         refunded_customer_count > 0 as refunded
       from mart.f_customer_retention
       where (period_year, period_id) = (2024, 42) and item_id in (10, 11) order by item_id`,
    );
    expect(rows).toEqual([
      { item_id: 10, new: "0", returning: false, refunded: true },
      { item_id: 11, new: "0", returning: true, refunded: false },
    ]);
  });

  test("has a customer who is known by refunds only", async () => {
    const [row] = await target.query(
      "select count(*)::int as n, bool_and(status = 'refunded' and payment_amount < 0 and quantity > 0) as only from mart.f_sales where customer_id = 1800",
    );
    expect(row).toEqual({ n: 3, only: true });
  });

  test("every check passed: 4 a day, 0 each", async () => {
    const found = await target.query(
      "select dq_check_result as result, count(*)::int as n from staging.dq_checks_results group by 1",
    );
    expect(found).toEqual([{ result: "0.00", n: 28 }]);
  });

  test("every load left a row in the run log", async () => {
    const log = await target.query<{ task: string; n: number }>(
      "select task, count(*)::int as n from etl.run_log where status = 'success' and task not like '%.csv' group by 1 order by 1",
    );
    expect(log).toEqual([
      { task: "delete_from_staging", n: 7 },
      { task: "update_d_city", n: 8 },
      { task: "update_d_customer", n: 8 },
      { task: "update_d_item", n: 8 },
      { task: "update_f_customer_retention", n: 8 },
      { task: "update_f_sales", n: 8 },
    ]);
  });
});

test("the items that retain best can be ranked, and each question gives rows", async () => {
  const { answers } = await summary();
  const ranking = answers["Which items keep their customers"] ?? [];
  expect(ranking).toHaveLength(12);
  const rates = ranking.map((row) => Number(row["retention_percent"]));
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(rates[0]).toBe(100);
  expect(Object.values(questions).toSorted()).toEqual(
    readdirSync("sql/shop_sales/questions").map((file) => file.replace(".sql", "")),
  );
  expect(Object.values(answers).filter((rows) => rows.length === 0)).toEqual([]);
});

test("run one date twice: checksums of all tables are equal", async () => {
  const before = await checksums();
  await loadDay(days[5] ?? "");
  expect(await checksums()).toEqual(before);
});

test("the base report loaded again changes nothing either", async () => {
  const before = await checksums();
  await loadHistory();
  expect(await checksums()).toEqual(before);
});

test("a backfill of a past range gives the tables of running day by day", async () => {
  const before = await checksums();
  for (const day of days.slice(2, 5).toReversed()) await loadDay(day, "backfill");
  expect(await checksums()).toEqual(before);
});

test("the demo runs these DAGs: history once, then the seven days", () => {
  expect(demo.pass.map(({ dagId }) => dagId)).toEqual([
    "upload_hist_data",
    ...days.map(() => "upload_inc_data"),
  ]);
});
