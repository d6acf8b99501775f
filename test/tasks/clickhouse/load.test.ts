import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type TestContext, testContext } from "@tidemill/dag-core/testing";
import { clickhouse, clickhouseLoad, type ClickHouseLoadOptions } from "@tidemill/tasks/clickhouse";
import { postgres } from "@tidemill/tasks/postgres";
import { clickHouseAddress, postgresAddress } from "../../helpers/task-systems.ts";

const from = postgres("shop");
const to = clickhouse("marts");
const database = "tasks_load";
let connections: Record<string, string>;
let task: TestContext<{}, {}>;
let abort: AbortController;
let table: string;

beforeAll(async () => {
  connections = { shop: await postgresAddress(), marts: await clickHouseAddress() };
  await using setup = testContext({ connections });
  await (await setup.open(to)).command(`create database if not exists ${database}`);
  await (
    await setup.open(from)
  ).named(
    `drop schema if exists tasks_load cascade;
     create schema tasks_load;
     create table tasks_load.sale (day date, id bigint, city text, total numeric(18,2), at timestamptz, flag boolean);
     insert into tasks_load.sale
     select '2024-05-30'::date + (i % 4), i, case i % 5 when 0 then null when 1 then '' else E'a\\tb\\n\\\\c ''' || i end,
            i * 1.01, '2024-05-30 10:00:00.5+03'::timestamptz, i % 2 = 0
     from generate_series(1, 1000) as i`,
  );
});
afterAll(async () => {
  await using last = testContext({ connections });
  await (await last.open(to)).command(`drop database ${database}`);
  await (await last.open(from)).query("drop schema tasks_load cascade");
});
beforeEach(async () => {
  abort = new AbortController();
  task = testContext({ connections, signal: abort.signal });
  table = `t_${randomUUID().replaceAll("-", "")}`;
  await (
    await task.open(to)
  ).command(
    `create table ${database}.${table} (day Date, id UInt64, city Nullable(String), total Decimal(18, 2), at DateTime, flag Bool)
     engine = MergeTree partition by toYYYYMM(day) order by id`,
  );
});
afterEach(() => task.close());

const load = (options: Partial<ClickHouseLoadOptions> = {}, ctx = task) =>
  clickhouseLoad(ctx, {
    from,
    to,
    query: { sql: "-- all\nselect day, id, city, total, at, flag from tasks_load.sale; " },
    table: `${database}.${table}`,
    columns: ["day", "id", "city", "total", "at", "flag"],
    swap: "exchange",
    ...options,
  });
const query = async <Row>(sql: string): Promise<Row[]> => (await task.open(to)).query<Row>(sql);
const content = async () => {
  const [row] = await query<{ rows: string; sum: string }>(
    `select count() as rows, toString(sum(cityHash64(*))) as sum from ${database}.${table}`,
  );
  return row;
};
const days = () =>
  query(
    `select toYYYYMM(day) as month, count() as rows from ${database}.${table} group by 1 order by 1`,
  );
const leftovers = () =>
  query(
    `select name from system.tables where database = '${database}' and name like '${table}\\_\\_%'`,
  );
const months = (only: readonly string[]) => ({ partitions: "toYYYYMM(day)", only });

describe.each(["push", "pull"] as const)("%s", (mode) => {
  test("ten loads leave the same content, and no staging table", async () => {
    expect(await load({ mode })).toMatchObject({ rows: 1_000, mode });
    const first = await content();
    for (let i = 0; i < 9; i += 1) {
      await using again = testContext({ connections });
      await load({ mode }, again);
    }
    expect(await content()).toEqual(first);
    expect(await leftovers()).toEqual([]);
  });

  test("every value arrives as it was", async () => {
    await load({ mode });
    expect(
      await query(`select * from ${database}.${table} where id in (5, 6, 7) order by id`),
    ).toEqual([
      {
        day: "2024-05-31",
        id: "5",
        city: null,
        total: "5.05",
        at: "2024-05-30 07:00:00",
        flag: false,
      },
      {
        day: "2024-06-01",
        id: "6",
        city: "",
        total: "6.06",
        at: "2024-05-30 07:00:00",
        flag: true,
      },
      {
        day: "2024-06-02",
        id: "7",
        city: "a\tb\n\\c '7",
        total: "7.07",
        at: "2024-05-30 07:00:00",
        flag: false,
      },
    ]);
  });

  test("values of the query are parameters", async () => {
    const sql =
      "select day, id, city, total, at, flag from tasks_load.sale where city = @city::text";
    const result = await load({ mode, query: { sql, values: { city: "a\tb\n\\c '7" } } });
    expect(result.rows).toBe(1);
  });
});

describe("both ways", () => {
  test("give the same content", async () => {
    await load({ mode: "push" });
    const pushed = await content();
    await using other = testContext({ connections });
    await load({ mode: "pull" }, other);
    expect(await content()).toEqual(pushed);
    await using third = testContext({ connections });
    await load({ transform: (row) => Object.values(row) }, third);
    expect(await content()).toEqual(pushed);
  });

  test("transform changes rows, and drops those it returns nothing for", async () => {
    const result = await load({
      transform: ({ day, id, at }) =>
        Number(id) > 10 ? undefined : [day, id, "x", "1.00", at, true],
    });
    expect(result.rows).toBe(10);
    expect(await query(`select distinct city, total from ${database}.${table}`)).toEqual([
      { city: "x", total: "1.00" },
    ]);
  });
});

describe("swap by partitions", () => {
  test("replaces those that the rows fall into and leaves the others", async () => {
    await load({ swap: { partitions: "toYYYYMM(day)" } });
    expect(await days()).toEqual([
      { month: 202405, rows: "500" },
      { month: 202406, rows: "500" },
    ]);
    await using june = testContext({ connections });
    const sql =
      "select day, id, city, total, at, flag from tasks_load.sale where day = '2024-06-01'";
    for (const ctx of [june, testContext({ connections })]) {
      await load({ query: { sql }, swap: months(["202406"]) }, ctx);
      await ctx.close();
      expect(await days()).toEqual([
        { month: 202405, rows: "500" },
        { month: 202406, rows: "250" },
      ]);
    }
  });

  test("empties a partition that the load is about and that has no rows any more", async () => {
    await load();
    await using none = testContext({ connections });
    const sql = "select day, id, city, total, at, flag from tasks_load.sale where false";
    expect(await load({ query: { sql }, swap: months(["202406"]) }, none)).toMatchObject({
      rows: 0,
    });
    expect(await days()).toEqual([{ month: 202405, rows: "500" }]);
  });

  test("rows outside of the partitions named, and another key than the table's, change nothing", async () => {
    await expect(load({ swap: months(["202406"]) })).rejects.toThrow(
      "gave rows of partitions 202405, outside of 202406; narrow the query",
    );
    await expect(load({ swap: { partitions: "toYYYYMMDD(day)" } })).rejects.toThrow(
      'is partitioned by "toYYYYMM(day)", not by "toYYYYMMDD(day)"',
    );
    expect(await days()).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });
});

describe("a load that does not end well", () => {
  test("a row that does not fit keeps the old content", async () => {
    await load();
    const before = await content();
    await using bad = testContext({ connections });
    const sql = "select day, 'x' as id, city, total, at, flag from tasks_load.sale";
    await expect(load({ query: { sql } }, bad)).rejects.toThrow(/Cannot parse input/);
    await using broken = testContext({ connections });
    const division = "select day, 1 / (id - 500), city, total, at, flag from tasks_load.sale";
    await expect(load({ query: { sql: division } }, broken)).rejects.toThrow("division by zero");
    expect(await content()).toEqual(before);
    expect(await leftovers()).toEqual([]);
  });

  test("an attempt that was aborted before the swap changes nothing, and what it left is dropped", async () => {
    const aborting = load({
      transform: (row) => {
        abort.abort(new Error("lease lost"));
        return Object.values(row);
      },
    });
    await expect(aborting).rejects.toThrow("abort");
    await task.close();
    task = testContext({ connections });
    expect(await content()).toMatchObject({ rows: "0" });
    await (
      await task.open(to)
    ).command(`create table ${database}.${table}__staging_old as ${database}.${table}`);
    await load();
    expect(await leftovers()).toEqual([]);
    expect((await content())?.rows).toBe("1000");
  });

  test("two loads of one table take turns", async () => {
    await using other = testContext({ connections });
    const results = await Promise.all([load(), load({}, other)]);
    expect(results.map(({ rows }) => rows)).toEqual([1_000, 1_000]);
    expect((await content())?.rows).toBe("1000");
  });

  test("a table that is not there is named", async () => {
    await expect(load({ table: `${database}.nowhere` })).rejects.toThrow(
      `ClickHouse table "${database}.nowhere" does not exist at`,
    );
  });
});
