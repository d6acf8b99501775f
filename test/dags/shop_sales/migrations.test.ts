import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { shopSales } from "../../../dags/connections.ts";
import {
  initSchema,
  knownMigrations,
  migrateDown,
  migrateUp,
} from "../../../dags/shop_sales/lib/migrations.ts";
import { sql } from "../../../dags/shop_sales/lib/sql.ts";
import { schemaFiles } from "../../helpers/pipeline-sql.ts";
import { type TargetDatabase, targetDatabase } from "../../helpers/target-database.ts";

let target: TargetDatabase;
beforeAll(async () => {
  target = await targetDatabase();
});
beforeEach(async () => {
  await target.query("drop schema if exists etl, dq, staging, mart cascade");
});
afterAll(async () => target[Symbol.asyncDispose]());

async function inTransaction<T>(fn: (tx: PostgresTransaction) => Promise<T>): Promise<T> {
  await using ctx = testContext({ connections: { shop_sales: target.uri } });
  return await (await ctx.open(shopSales)).transaction(fn);
}
/** Columns, constraints, indexes, views and functions, as the catalogue has them. */
const dump = async (): Promise<string[]> => {
  const rows = await target.query<{ row: string }>(`
    select concat_ws(' ', table_schema, table_name, column_name, data_type, is_nullable,
      character_maximum_length, numeric_precision, numeric_scale, column_default) as row
    from information_schema.columns where table_schema in ('etl', 'dq', 'staging', 'mart')
    union all
    select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace::regnamespace::text in ('etl', 'dq', 'staging', 'mart')
    union all
    select indexdef from pg_indexes where schemaname in ('etl', 'dq', 'staging', 'mart')
    union all
    select definition from pg_views where schemaname in ('etl', 'dq', 'staging', 'mart')
    union all
    select oid::regprocedure::text from pg_proc where pronamespace::regnamespace::text = 'mart'
    order by 1`);
  return rows.map(({ row }) => row);
};

const oldRows = `
  insert into staging.user_order_log values
    ('a', '2024-09-01', 1, 'City', 1, 'F', 'L', 0, 'Item', 1, 10.00),
    ('b', '2024-09-02', 1, 'City', 1, 'F', 'L', 0, 'Item', 2, 20.00);
  insert into mart.d_city (city_id, city_name) values (1, 'City');
  insert into mart.d_item (item_id, item_name) values (0, 'Item');
  insert into mart.d_customer (customer_id, city_id) values (1, 1);
  insert into mart.f_sales (date_id, item_id, customer_id, city_id, quantity, payment_amount, uniq_id)
  values (20240901, 0, 1, 1, 1, 10.00, 'a'), (20240902, 0, 1, 1, 2, 20.00, 'b');`;

describe("Done when", () => {
  test("migrations apply, revert, apply; old rows are shipped", async () => {
    await inTransaction(initSchema);
    await target.query(oldRows);
    const old = await dump();
    expect(await inTransaction(migrateUp)).toEqual(await knownMigrations());
    const applied = await dump();
    const statuses = () =>
      target.query(
        "select u.status as staged, s.status as sold from staging.user_order_log u join mart.f_sales s using (uniq_id)",
      );
    const shipped = { staged: "shipped", sold: "shipped" };
    expect(await statuses()).toEqual([shipped, shipped]);
    // History is in the retention mart: the first of September 2024 is a Sunday, so these are two weeks.
    const filled = () =>
      target.query(
        "select period_year, period_id, new_customers_revenue as revenue from mart.f_customer_retention order by 2",
      );
    const weeks = [
      { period_year: 2024, period_id: 35, revenue: "10.00" },
      { period_year: 2024, period_id: 36, revenue: "20.00" },
    ];
    expect(await filled()).toEqual(weeks);
    expect(await inTransaction((tx) => migrateDown(tx))).toEqual(
      (await knownMigrations()).toReversed(),
    );
    expect(await dump()).toEqual(old);
    await inTransaction(migrateUp);
    expect(await dump()).toEqual(applied);
    expect(await statuses()).toEqual([shipped, shipped]);
    expect(await filled()).toEqual(weeks);
  });

  test("mart.f_customer_retention has the nine columns, and the year of its weeks", async () => {
    await inTransaction(migrateUp);
    const columns = await target.query<{ column: string }>(
      `select column_name || ' ' || data_type as column from information_schema.columns
       where table_name = 'f_customer_retention' order by ordinal_position`,
    );
    expect(columns.map(({ column }) => column)).toEqual([
      "new_customers_count bigint",
      "returning_customers_count bigint",
      "refunded_customer_count bigint",
      "period_name character varying",
      "period_id integer",
      "item_id integer",
      "new_customers_revenue numeric",
      "returning_customers_revenue numeric",
      "customers_refunded bigint",
      "period_year integer",
    ]);
  });
});

test("refunds are still refunds after the way back and forth", async () => {
  await inTransaction(migrateUp);
  await target.query(
    oldRows.replaceAll(/insert into staging.user_order_log values/g, (found) =>
      found.replace(
        "values",
        "(uniq_id, date_time, city_id, city_name, customer_id, first_name, last_name, item_id, item_name, quantity, payment_amount) values",
      ),
    ),
  );
  await target.query("update staging.user_order_log set status = 'refunded' where uniq_id = 'b'");
  await target.query(
    "update mart.f_sales set status = 'refunded', payment_amount = -20 where uniq_id = 'b'",
  );
  await inTransaction((tx) => migrateDown(tx));
  await inTransaction(migrateUp);
  const rows = await target.query(
    "select u.uniq_id, u.status as staged, s.status as sold from staging.user_order_log u join mart.f_sales s using (uniq_id) order by 1",
  );
  expect(rows).toEqual([
    { uniq_id: "a", staged: "shipped", sold: "shipped" },
    { uniq_id: "b", staged: "refunded", sold: "refunded" },
  ]);
});

test("applied twice, the second time changes nothing", async () => {
  await inTransaction(migrateUp);
  const first = await dump();
  expect(await inTransaction(migrateUp)).toEqual([]);
  expect(await dump()).toEqual(first);
});

test("one migration can be taken back alone", async () => {
  await inTransaction(migrateUp);
  expect(await inTransaction((tx) => migrateDown(tx, 1))).toEqual([
    "004_fill_f_customer_retention",
  ]);
  expect(await inTransaction(migrateUp)).toEqual(["004_fill_f_customer_retention"]);
});

test("the calendar has each day of its years once, weeks by ISO", async () => {
  await inTransaction(initSchema);
  const [bounds] = await target.query(
    "select count(*)::int as days, min(date_actual)::text as first, max(date_actual)::text as last, bool_and(date_id = to_char(date_actual, 'YYYYMMDD')::int) as numbered from mart.d_calendar",
  );
  expect(bounds).toEqual({
    days: 7_670,
    first: "2015-01-01",
    last: "2035-12-31",
    numbered: true,
  });
  const [day] = await target.query(
    "select week_of_year, week_of_year_iso, day_name, day_suffix, day_of_quarter, first_day_of_week::text, last_day_of_quarter::text, weekend_indr from mart.d_calendar where date_id = 20241230",
  );
  expect(day).toEqual({
    week_of_year: 1,
    week_of_year_iso: "2025-W01-1",
    day_name: "Monday",
    day_suffix: "30th",
    day_of_quarter: 91,
    first_day_of_week: "2024-12-30",
    last_day_of_quarter: "2024-12-31",
    weekend_indr: false,
  });
});

const types: Readonly<Record<string, string>> = {
  "character varying": "varchar",
  character: "char",
  integer: "int",
  "timestamp without time zone": "timestamp",
  "timestamp with time zone": "timestamptz",
};

test.each(["staging", "mart"])("the diagram of %s names the tables and columns", async (schema) => {
  await inTransaction(migrateUp);
  const rows = await target.query<{ table: string; column: string; type: string }>(
    `select c.table_name as table, c.column_name as column, c.data_type as type
     from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = $1 and t.table_type = 'BASE TABLE' and c.table_name !~ '^file_'
     order by c.table_name, c.ordinal_position`,
    [schema],
  );
  const stored: Record<string, string[]> = {};
  for (const { table, column, type } of rows) {
    (stored[table] ??= []).push(`${types[type] ?? type} ${column}`);
  }
  const text = readFileSync(`dags/shop_sales/diagrams/${schema}.mmd`, "utf8");
  const drawn = [...text.matchAll(/^ {2}(\w+) \{\n(.*?)\n {2}\}/gms)].map(([, table, body]) => [
    table ?? "",
    (body ?? "").split("\n").map((line) => line.trim().split(" ").slice(0, 2).join(" ")),
  ]);
  expect(Object.fromEntries(drawn)).toEqual(stored);
});

const folder = "sql/shop_sales";
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".sql"))
  .toSorted();

describe.each(files)("%s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");

  test("says in its first five lines what it fills, from what, and with which parameters", () => {
    const headings = text.split("\n", 5).map((line) => /^-- ([a-z]+): ./.exec(line)?.[1]);
    expect(headings).toEqual(["target", "grain", "keys", "reads", "params"]);
    const listed = /^-- params: (.+)$/m.exec(text)?.[1]?.split(", ") ?? [];
    const used = [...text.matchAll(/@([a-z_]+)::/g)].map(([, name]) => name);
    expect(listed.filter((name) => name !== "none").toSorted()).toEqual(
      [...new Set(used)].toSorted(),
    );
  });

  test("names its columns and asks no clock for the rows that it chooses", () => {
    expect(text).not.toMatch(/select\s+(\w+\.)?\*/);
    expect(text).not.toMatch(/\bbetween\b(?! 0 and 1\b)/);
    expect(text).not.toMatch(/[<>]=?\s*now\(\)/);
  });
});

test("init_schema.sql includes every file of the schema, once", async () => {
  const included = await sql.included("init_schema.sql");
  expect(included.toSorted()).toEqual(schemaFiles(folder));
});

test("no load empties a mart: every delete from one says which days or weeks", () => {
  for (const file of files.filter((one) => one.startsWith("transform/mart/"))) {
    const text = readFileSync(join(folder, file), "utf8");
    expect(text).not.toMatch(/truncate/i);
    for (const [statement] of text.matchAll(/delete from mart\.[^;]+;/g)) {
      expect(statement).toMatch(/where/);
    }
  }
});
