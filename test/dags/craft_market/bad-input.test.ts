import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { SkipTask } from "@tidemill/dag-core";
import { testContext } from "@tidemill/dag-core/testing";
import { checkSources } from "../../../dags/craft_market/lib/checks.ts";
import { firstPass, type Row } from "../../../dags/craft_market/lib/generator/rows.ts";
import { type Scale, scales } from "../../../dags/craft_market/lib/generator/scales.ts";
import { loadSources } from "../../../dags/craft_market/lib/load-sources.ts";
import { sourceTables } from "../../../dags/craft_market/lib/source-tables.ts";
import { stageTmpSources } from "../../../dags/craft_market/lib/stage-tmp-sources.ts";
import { type Market, market } from "./market.ts";

const sample = { scale: "demo", seed: 42, today: "2025-01-01", pass: 1 } as const;
let dwh: Market;
let folder: string;
/** Few rows of everything, for what is done to one file. */
const small = { ...scales.demo, orders: 60, craftsmen: 20, customers: 30 };
const smallRows = 4 * 60 + 2 * 20 + 2 * 30;
/** The files of the small volume, as they must be put back. */
const whole = new Map<string, string>();

/** Texts in quotes, so that an empty one differs from one that is missing. */
const cell = (value: Row[number]): string => {
  if (value === null) return "";
  return typeof value === "number" ? String(value) : `"${value.replaceAll('"', '""')}"`;
};
const csvOf = (header: readonly string[], rows: Iterable<Row>): string =>
  [header.join(","), ...[...rows].map((row) => row.map(cell).join(",")), ""].join("\n");

function filesOf(scale: Scale): [string, string][] {
  return [...firstPass({ ...sample, scale })].map(({ table, rows }) => {
    const columns = sourceTables.find(({ name }) => name === table)?.columns ?? [];
    const header = columns.map(({ name }) => name);
    return [`${table}.csv`, csvOf(header, rows)];
  });
}

beforeAll(async () => {
  dwh = await market();
  folder = await mkdtemp(join(tmpdir(), "craft-market-"));
  for (const [name, text] of filesOf(small)) whole.set(name, text);
});
beforeEach(async () => {
  await dwh.empty();
  for (const [name, text] of whole) await writeFile(join(folder, name), text);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await dwh[Symbol.asyncDispose]();
});

const load = async (options: object, connections: Record<string, string> = dwh.connections) => {
  await using ctx = testContext({ connections, taskId: "load_sources" });
  return await loadSources(ctx, { ...sample, sources: "csv", ...options });
};
const loadCsv = (options: object = {}) =>
  load({ csv: { folder, delimiter: ",", encoding: "utf-8", ...options } });
const sourceSums = async () =>
  Object.fromEntries(
    Object.entries(await dwh.checksums()).filter(([name]) => /^(source|external)/.test(name)),
  );
const rejects = () =>
  dwh.query("select table_name, row_key, reason_code from dq.rejected_rows order by 1, 2");
const orders = "source3.craft_market_orders.csv";
const customers = "source3.craft_market_customers.csv";
const edit = async (name: string, change: (text: string) => string): Promise<void> => {
  const path = join(folder, name);
  await writeFile(path, change(await readFile(path, "utf8")));
};
const line = (name: string, number: number): string => whole.get(name)?.split("\n")[number] ?? "";

describe("real sources", () => {
  test("CSV files fill the same tables as the sample data: an empty text is not missing", async () => {
    await load({ sources: "generated" });
    const expected = await sourceSums();
    expect(Object.keys(expected)).toHaveLength(8);
    await dwh.empty();
    for (const [name, text] of filesOf(scales.demo)) await writeFile(join(folder, name), text);
    expect(await loadCsv()).toMatchObject({ rowsIn: 5_000, rowsOut: 5_000, rowsRejected: 0 });
    expect(await sourceSums()).toEqual(expected);
    await loadCsv();
    expect(await sourceSums()).toEqual(expected);
  });

  test("another database fills them too", async () => {
    await using site = await market();
    const connections = { ...dwh.connections, craft_market_sources: site.uri };
    await load({ sources: "generated" }, site.connections);
    expect(await load({ sources: "database" }, connections)).toMatchObject({ rowsOut: 5_000 });
    const other = Object.entries(await site.checksums());
    expect(await sourceSums()).toEqual(
      Object.fromEntries(other.filter(([name]) => /^(source|external)/.test(name))),
    );
  });

  test("files without a folder are refused with the way to name one", async () => {
    await expect(load({})).rejects.toThrow(/"csv" is not given.*"folder"/);
  });
});

describe("a file", () => {
  test("with a byte order mark is read", async () => {
    await edit(orders, (text) => `\uFEFF${text}`);
    expect(await loadCsv()).toMatchObject({ rowsOut: smallRows, rowsRejected: 0 });
  });

  test("in windows-1251 is read when that is said", async () => {
    await loadCsv();
    const bytes = Uint8Array.from(customersInCyrillic, toWindows1251);
    for (const [name, text] of whole) {
      if (name !== customers) await writeFile(join(folder, name), ascii(text));
    }
    await writeFile(join(folder, customers), bytes);
    await loadCsv({ encoding: "windows-1251" });
    expect(
      await dwh.query(
        "select customer_name from source3.craft_market_customers where customer_id = 1",
      ),
    ).toEqual([{ customer_name: "Жанна" }]);
  });

  const stops: [string, (name: string) => Promise<void>, RegExp][] = [
    [
      "without a column",
      (name) => edit(name, (text) => text.replace("order_status", "state")),
      /order_status/,
    ],
    ["that is empty", (name) => writeFile(join(folder, name), ""), /is empty/],
    [
      "cut off inside quotes",
      (name) => edit(name, (text) => `${text}2000,2024-01-01,,"done`),
      /craft_market_orders\.csv/,
    ],
    [
      "cut off between cells",
      (name) => edit(name, (text) => `${text}2000,2024-01-01,`),
      /ends in the middle/,
    ],
    [
      "in another encoding than said",
      (name) => writeFile(join(folder, name), Buffer.from(`order_id\n"G\xf6"\n`, "latin1")),
      /utf-8/,
    ],
    [
      "that is not there",
      (name) => rm(join(folder, name)),
      /craft_market_orders\.csv" cannot be opened/,
    ],
  ];
  test.each(stops)(
    "%s stops the load, names the file, and leaves the tables as they were",
    async (_, spoil, message) => {
      await loadCsv();
      const before = await sourceSums();
      await spoil(orders);
      await expect(loadCsv()).rejects.toThrow(message);
      expect(await sourceSums()).toEqual(before);
      expect(
        await dwh.query("select status from etl.run_log order by run_log_id desc limit 1"),
      ).toEqual([{ status: "failed" }]);
    },
  );

  test("without one order is refused in staging, which keeps what it had", async () => {
    await loadCsv();
    await using ctx = testContext({ connections: dwh.connections });
    await stageTmpSources(ctx);
    await writeFile(join(folder, orders), `${line(orders, 0)}\n`);
    await loadCsv();
    await using next = testContext({ connections: dwh.connections, runId: "next" });
    await expect(stageTmpSources(next)).rejects.toThrow(/every source has orders.*source3/);
    const [staged] = await dwh.query<{ n: string }>(
      "select count(*) as n from staging.tmp_sources",
    );
    expect(staged?.n).toBe("240");
    await using allowed = testContext({ connections: dwh.connections, runId: "allowed" });
    expect(await stageTmpSources(allowed, { allowEmptySources: true })).toMatchObject({
      rowsIn: 180,
    });
  });
});

test("a scheduled run before the first orders is skipped and leaves no row in the run log", async () => {
  await using scheduled = testContext({ connections: dwh.connections, runType: "scheduled" });
  await expect(stageTmpSources(scheduled)).rejects.toThrow(SkipTask);
  expect(await dwh.query("select 1 from etl.run_log")).toEqual([]);
  await using asked = testContext({ connections: dwh.connections, runId: "asked" });
  await expect(stageTmpSources(asked)).rejects.toThrow(/found none in source1/);
});

describe("a row", () => {
  const order = (fields: string): string => `${fields}\n`;
  const bad: [string, string, string][] = [
    [
      "a decimal comma in the price",
      '2001,2024-01-01,,"done",1,1,1,"a","b","c","12,50"',
      "not_a_whole_number: product_price",
    ],
    [
      "a date in another form",
      '2001,01.02.2024,,"done",1,1,1,"a","b","c",12',
      "not_a_date: order_created_date",
    ],
    [
      "a day that no month has",
      '2001,2024-02-30,,"done",1,1,1,"a","b","c",12',
      "not_a_date: order_created_date",
    ],
    [
      "nothing where something must be",
      '2001,2024-01-01,,,1,1,1,"a","b","c",12',
      "value_missing: order_status",
    ],
    ["a cell too few", '2001,2024-01-01,,"done",1,1,1,"a","b","c"', "column_count_wrong"],
    ["a cell too many", '2001,2024-01-01,,"done",1,1,1,"a","b","c",12,13', "column_count_wrong"],
    [
      "a key that is there already",
      '0007,2024-01-01,,"done",1,1,1,"a","b","c",12',
      "duplicate_key: order_id",
    ],
    [
      "a customer that is not there",
      '2001,2024-01-01,,"done",1,999999,1,"a","b","c",12',
      "reference_missing: customer_id",
    ],
  ];
  test.each(bad)("with %s is rejected, and the others are stored", async (_, text, reason) => {
    await edit(orders, (whole_) => whole_ + order(text));
    for (const _again of ["first", "again"]) {
      expect(await loadCsv()).toMatchObject({
        rowsIn: smallRows + 1,
        rowsOut: smallRows,
        rowsRejected: 1,
      });
      expect(await rejects()).toEqual([
        { table_name: "source3.craft_market_orders", row_key: "record 61", reason_code: reason },
      ]);
    }
    for (const [name, text_] of whole) await writeFile(join(folder, name), text_);
    await loadCsv();
    expect(await rejects()).toEqual([]);
  });

  test("that is rejected by the thousand is the wrong file", async () => {
    const one = '2001,2024-01-01,,"done",1,1,1,"a","b","c",x\n';
    await edit(orders, (text) => text + one.repeat(10_001));
    await expect(loadCsv()).rejects.toThrow(/more than 10000/);
  });
});

describe("a source in place that", () => {
  const check = async () => {
    await using ctx = testContext({ connections: dwh.connections });
    return await checkSources(ctx);
  };
  test.each([
    [
      "lost a column",
      "alter table source3.craft_market_orders rename order_status to state",
      "alter table source3.craft_market_orders rename state to order_status",
      "source3.craft_market_orders has no column order_status",
    ],
    [
      "changed a type",
      "alter table source2.craft_market_masters_products alter product_price type text",
      "alter table source2.craft_market_masters_products alter product_price type int8 using product_price::int8",
      "source2.craft_market_masters_products.product_price is text, not bigint",
    ],
    [
      "lost a table",
      "alter table source1.craft_market_wide rename to wide",
      "alter table source1.wide rename to craft_market_wide",
      "source1.craft_market_wide is not there",
    ],
  ])("%s stops the run with the name of it", async (_, spoil, restore, message) => {
    expect(await check()).toEqual({ tables: 8 });
    await dwh.query(spoil);
    await expect(check()).rejects.toThrow(message);
    await dwh.query(restore);
    expect(await check()).toEqual({ tables: 8 });
  });
});

const customersInCyrillic = [
  "customer_id,customer_name,customer_address,customer_birthday,customer_email",
  ...Array.from({ length: 30 }, (_, at) => `${at + 1},Жанна,,,c${at + 1}@example.com`),
  "",
].join("\n");
/** Letters of Cyrillic lie in the code page in the order of Unicode. */
const toWindows1251 = (letter: string): number => {
  const code = letter.codePointAt(0) ?? 0;
  return code < 128 ? code : code - 0x410 + 0xc0;
};
const ascii = (text: string): string => text.replaceAll(/[^\n -~]/g, "?");
