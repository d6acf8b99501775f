import { join } from "node:path";
import { Readable } from "node:stream";

import { createClient, ClickHouseError, type ClickHouseClient } from "@clickhouse/client";
import { ClickHouseLogLevel } from "@clickhouse/client";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startStack, type Stack } from "@tidemill/local";
import pg from "pg";

import { lockDirectory } from "../../packages/local/src/directory-lock.ts";
import { killAll, stackDirectory } from "../helpers/stack-directory.ts";

let stack: Stack;
let url: string;
let client: ClickHouseClient;

beforeAll(async () => {
  const ports = { postgres: 0, clickhouse: 0 };
  stack = await startStack({ directory, services: ["postgres", "clickhouse"], ports });
  url = stack.addresses.connections["clickhouse"] ?? "";
  client = open({});
});

afterAll(async () => {
  await client.close();
  await stack.stop();
});

// After the hook above: hooks run in their order, and a directory goes when nothing writes to it.
const directory = stackDirectory();

function open(options: Parameters<typeof createClient>[0]): ClickHouseClient {
  return createClient({ url, log: { level: ClickHouseLogLevel.OFF }, ...options });
}

async function rows(query: string, query_params: Record<string, unknown> = {}): Promise<unknown[]> {
  const result = await client.query({ query, query_params, format: "JSONCompactEachRow" });
  return result.json();
}

async function table(name: string, columns: string, more = ""): Promise<void> {
  await client.command({
    query: `create or replace table ${name} (${columns}) engine = MergeTree ${more} order by tuple()`,
  });
}

describe("statements", () => {
  test("ping answers, with and without a query, also while a statement runs", async () => {
    const slow = client.query({ query: "select sleep(1)", format: "TabSeparated" });
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
    await (await slow).text();
  });

  test("the query id and a summary come back", async () => {
    await table("summed", "id UInt64");
    const result = await client.insert({
      table: "summed",
      values: [{ id: 1 }, { id: 2 }],
      format: "JSONEachRow",
      query_id: "given-by-the-test",
    });
    expect(result.query_id).toBe("given-by-the-test");
    expect(result.summary?.written_rows).toBe("2");
  });

  test("settings and the database of a request hold for that request only", async () => {
    await client.command({ query: "create database if not exists other" });
    const other = open({ database: "other", clickhouse_settings: { max_threads: 1 } });
    const query = "select currentDatabase(), getSetting('max_threads') = 1";
    const answer = await other.query({ query, format: "JSONCompactEachRow" });
    await other.close();
    expect(await answer.json()).toEqual([["other", 1]]);
    expect(await rows("select currentDatabase()")).toEqual([["default"]]);
  });

  test.each([
    ["String", "it's a \\ tab\t, line\n and \u0000 zero, ☃ {x:String} -- '"],
    ["String", ""],
    ["Int64", -7],
    ["Array(String)", ["a'b", "c\\d"]],
    ["Nullable(String)", null],
    ["Map(String, UInt8)", { a: 1 }],
    ["Bool", true],
  ])("a parameter of type %s arrives as it was given: %j", async (type, value) => {
    expect(await rows(`select {value:${type}}`, { value })).toEqual([[value]]);
  });

  test("parameters of statements that run at once do not mix", async () => {
    const values = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(
      values.map((value) => rows("select {value:UInt32} + sleep(0.001)", { value })),
    );
    expect(answers.flat(2)).toEqual(values);
  });

  test("exchanges tables and replaces a partition", async () => {
    await table("day", "d Date, n UInt8", "partition by d");
    await table("day_next", "d Date, n UInt8", "partition by d");
    await client.command({ query: "insert into day values ('2026-01-01', 1), ('2026-01-02', 1)" });
    await client.command({ query: "insert into day_next values ('2026-01-02', 2)" });
    await client.command({
      query: "alter table day replace partition '2026-01-02' from day_next",
    });
    expect(await rows("select n from day order by d")).toEqual([[1], [2]]);
    await client.command({ query: "exchange tables day and day_next" });
    expect(await rows("select n from day")).toEqual([[2]]);
  });

  test("reads from Postgres", async () => {
    const { databaseUrl } = stack.addresses;
    const { host, username, password } = new URL(databaseUrl);
    const database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    await database.query("create table source as select generate_series(1, 1000) as id");
    await database.end();
    const query =
      "select sum(id) from postgresql({host:String}, 'tidemill', 'source', {user:String}, {password:String})";
    expect(await rows(query, { host, user: username, password })).toEqual([[500500]]);
  });
});

describe("inserts", () => {
  test("a stream of a million rows arrives whole, and the bridge does not hold it", async () => {
    await table("many", "id UInt64, name String");
    await client.insert({ table: "many", values: manyRows(1_000_000), format: "CSV" });
    expect(await rows("select count(), sum(id), uniqExact(name) from many")).toEqual([
      [1_000_000, 499_999_500_000, 1_000_000],
    ]);
  });

  test.each([true, false])("gzip in the request: %s", async (request) => {
    await table("zipped", "id UInt64");
    const zipping = open({ compression: { request, response: true } });
    const values = Array.from({ length: 10_000 }, (_, id) => ({ id }));
    await zipping.insert({ table: "zipped", values, format: "JSONEachRow" });
    const answer = await zipping.query({
      query: "select sum(id) from zipped",
      format: "TabSeparated",
    });
    expect(await answer.text()).toBe("49995000\n");
    await zipping.close();
  });

  test.each([
    [
      "columns and settings",
      "insert into shaped (id) settings input_format_skip_unknown_fields = 1 format JSONEachRow",
      '{"id":1,"odd":2}',
    ],
    ["Values without a format", "insert into shaped (id, name) values", "(1, 'a')"],
    ["upper case and a comment", "-- rows\nINSERT INTO shaped FORMAT TSV", "1\ta\n"],
    ["binary", "insert into shaped (id) format RowBinary", Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])],
  ])("takes %s", async (_, query, body) => {
    await table("shaped", "id UInt64, name String");
    const response = await post({ query }, body);
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(await rows("select id from shaped")).toEqual([[1]]);
  });

  test.each([
    ["the rows", "insert into whole (id) values (1)"],
    ["the rows and no space", "insert into whole(id) values(1)"],
    ["a select", "insert into whole (id) select 1"],
    ["a select with a format", "insert into whole (id) select toUInt64(1) format Null"],
  ])("takes an insert with %s in the address", async (_, query) => {
    await table("whole", "id UInt64, name String");
    const response = await post({ query }, "");
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(await rows("select id from whole")).toEqual([[1]]);
  });

  test("an insert from input() takes its rows from the body", async () => {
    await table("entered", "id UInt64");
    const query = "insert into entered select a * 2 from input('a UInt64') format CSV";
    const response = await post({ query }, "1\n2\n");
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(await rows("select id from entered order by id")).toEqual([[2], [4]]);
  });

  test("a body that breaks off inserts nothing", async () => {
    await table("broken", "id UInt64");
    const query = new URLSearchParams({ query: "insert into broken format TSV" }).toString();
    function* body(): Generator<Uint8Array> {
      yield Buffer.from("1\n2\n");
      throw new Error("the sender is gone");
    }
    const sent = fetch(`${url}/?${query}`, {
      method: "POST",
      body: Readable.from(body()),
      duplex: "half",
    } as RequestInit);
    await expect(sent).rejects.toThrow(/fetch failed|gone/);
    expect(await rows("select count() from broken")).toEqual([[0]]);
  });

  test("an empty body inserts nothing", async () => {
    await table("empty", "id UInt64");
    const response = await post({ query: "insert into empty format JSONEachRow" }, "");
    expect(response.status).toBe(200);
    expect(await rows("select count() from empty")).toEqual([[0]]);
  });

  test("a statement with its rows in one body is taken too", async () => {
    await table("inline", "id UInt64");
    const response = await post({}, 'insert into inline format JSONEachRow\n{"id":1}\n{"id":2}\n');
    expect(response.status).toBe(200);
    expect(await rows("select count() from inline")).toEqual([[2]]);
  });
});

describe("errors", () => {
  test.each([
    ["selec 1", 400, 62, "SYNTAX_ERROR"],
    ["select * from absent", 404, 60, "UNKNOWN_TABLE"],
    ["select throwIf(1)", 500, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"],
    ["select {absent:String}", 400, 456, "UNKNOWN_QUERY_PARAMETER"],
    ["", 400, 62, "SYNTAX_ERROR"],
  ])("%j answers as ClickHouse does", async (query, status, code, name) => {
    const response = await post({}, query);
    expect(response.status).toBe(status);
    expect(response.headers.get("x-clickhouse-exception-code")).toBe(String(code));
    const body = await response.text();
    expect(body).toMatch(
      new RegExp(`^Code: ${String(code)}\\. DB::Exception: .*\\(${name}\\)`, "s"),
    );
  });

  test("the client sees code and type", async () => {
    const asked = client.query({ query: "select * from absent", format: "JSON" });
    await expect(asked).rejects.toBeInstanceOf(ClickHouseError);
    await expect(asked).rejects.toMatchObject({ code: "60", type: "UNKNOWN_TABLE" });
  });

  test("an unknown setting and an unknown user are refused", async () => {
    const setting = await post({ no_such_setting: "1" }, "select 1");
    expect([setting.status, setting.headers.get("x-clickhouse-exception-code")]).toEqual([
      404,
      "115",
    ]);
    const user = await post({ user: "other" }, "select 1");
    expect([user.status, user.headers.get("x-clickhouse-exception-code")]).toEqual([403, "516"]);
  });

  test("a bad row leaves nothing behind in the table or among the bodies", async () => {
    await table("checked", "id UInt64");
    const response = await post(
      { query: "insert into checked format JSONEachRow" },
      '{"id":1}\n{"id":"x"}\n',
    );
    expect(response.status).toBe(400);
    expect(await rows("select count() from checked")).toEqual([[0]]);
  });

  test("an error in the middle of a long result breaks the answer", async () => {
    const query = "select number, throwIf(number = 3000000) from numbers(4000000)";
    const response = await post({}, query);
    await expect(response.text()).rejects.toThrow(/terminated/);
  });

  test("a body that is no gzip is refused, and the bridge lives on", async () => {
    await table("torn", "id UInt64");
    const query = "insert into torn format JSONEachRow";
    const response = await post({ query }, "not gzip", { "content-encoding": "gzip" });
    expect(response.status).toBe(500);
    expect(await client.ping()).toEqual({ success: true });
  });

  test("a page in a browser is refused", async () => {
    const response = await post({}, "select 1", { origin: "http://example.com" });
    expect(response.status).toBe(403);
  });
});

describe("results", () => {
  test("stream while they are made", async () => {
    const result = await client.query({
      query: "select number from numbers(2000000)",
      format: "JSONCompactEachRow",
    });
    let count = 0;
    for await (const part of result.stream()) count += part.length;
    expect(count).toBe(2_000_000);
  });

  test("come zipped when the request asks for it", async () => {
    const response = await post({ enable_http_compression: "1" }, "select 'x'", {
      "accept-encoding": "gzip",
    });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(await response.text()).toBe("x\n");
  });

  test("that nobody reads any more do not block the bridge", async () => {
    for (let index = 0; index < 12; index += 1) {
      const result = await client.query({
        query: "select number from numbers(50000000)",
        format: "TabSeparated",
      });
      result.close();
    }
    expect(await rows("select 1")).toEqual([[1]]);
  });
});

describe("the data directory", () => {
  test("has one process at a time, named when it is in the way", async () => {
    const folder = join(directory, "clickhouse");
    const [pid] = stack.processIds.clickhouse ?? [];
    await expect(lockDirectory(folder)).rejects.toMatchObject({
      code: "TIDEMILL_LOCAL_STACK_BUSY",
      message: expect.stringContaining(String(pid)) as unknown,
    });
  });

  test("outlives a kill of its process", async () => {
    await table("kept", "id UInt64");
    await client.command({ query: "insert into kept values (1), (2)" });
    await killAll(stack.processIds.clickhouse);
    await stack.restart("clickhouse");
    url = stack.addresses.connections["clickhouse"] ?? "";
    await client.close();
    client = open({});
    expect(await rows("select count() from kept")).toEqual([[2]]);
  });
});

async function post(
  search: Record<string, string>,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  const query = new URLSearchParams(search).toString();
  return fetch(`${url}/?${query}`, { method: "POST", body, headers });
}

function manyRows(count: number): Readable {
  function* lines(): Generator<string> {
    for (let id = 0; id < count; id += 1000) {
      let part = "";
      for (let row = id; row < id + 1000; row += 1) part += `${String(row)},name ${String(row)}\n`;
      yield part;
    }
  }
  return Readable.from(lines(), { objectMode: false });
}
