import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { clickhouse, clickhouseQuery, clickhouseSql } from "@tidemill/tasks/clickhouse";
import { splitStatements } from "../../../packages/tasks/src/clickhouse/split-statements.ts";
import { clickHouseAddress, closedPort, rejectionText } from "../../helpers/task-systems.ts";

const on = clickhouse("marts");
const signal = new AbortController().signal;

describe("splitStatements", () => {
  test.each([
    ["select 1; select 2;\n", ["select 1", "select 2"]],
    ["-- a; b\nselect ';' as a, \"x;y\", `z;`", ["-- a; b\nselect ';' as a, \"x;y\", `z;`"]],
    ["/* ; */ select 'it''s; \\'; x'; -- end;", ["/* ; */ select 'it''s; \\'; x'"]],
    ["select $q$ ; $q$; ;;", ["select $q$ ; $q$"]],
    ["-- only a comment;\n", []],
  ])("%j", (sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements);
  });
});

describe("clickhouseSql", () => {
  test("runs a file of several statements with parameters, twice", async () => {
    await using task = testContext({ connections: { marts: await clickHouseAddress() } });
    const folder = await mkdtemp(join(tmpdir(), "tidemill-sql-"));
    const file = join(folder, "init.sql");
    await writeFile(
      file,
      "create database if not exists tasks_sql;\n-- keeps; rows\ncreate table if not exists tasks_sql.t (n UInt64, s String) engine = MergeTree order by n;\ntruncate table tasks_sql.t;\ninsert into tasks_sql.t select {n:UInt64}, {s:String};",
    );
    const values = { n: "18446744073709551615", s: "it's \\ a\ttab\n" };
    for (let i = 0; i < 2; i += 1) {
      expect(await clickhouseSql(task, { on, file, values })).toEqual({ statements: 4 });
    }
    const rows = await clickhouseQuery(task, {
      on,
      sql: "select n, s, toDecimal64(1.10, 2) as d from tasks_sql.t where s = {s:String}",
      values: { s: values.s },
    });
    expect(rows).toEqual([{ n: values.n, s: values.s, d: "1.10" }]);
    await clickhouseSql(task, { on, sql: "drop database tasks_sql" });
    await rm(folder, { recursive: true });
  });

  test("the server's error comes with its code", async () => {
    await using task = testContext({ connections: { marts: await clickHouseAddress() } });
    const failing = clickhouseSql(task, { on, sql: "select 1; select * from nowhere_at_all" });
    await expect(failing).rejects.toMatchObject({ code: "60", type: "UNKNOWN_TABLE" });
  });
});

describe("a server that cannot be used", () => {
  test("refused: names the system, the address and the remedy", async () => {
    const port = await closedPort();
    await expect(on.open(`http://u:hidden@127.0.0.1:${port}/db`, signal)).rejects.toMatchObject({
      code: "TIDEMILL_CONNECTION_UNREACHABLE",
      message: `ClickHouse at 127.0.0.1:${port} cannot be reached (ECONNREFUSED); start it, or set TIDEMILL_CONN_MARTS to one that runs`,
    });
  });

  test("wrong password", async () => {
    const uri = new URL(await clickHouseAddress());
    uri.username = "default";
    uri.password = "hidden";
    await using hook = await on.open(uri.href, signal);
    const error = await rejectionText(hook.query("select 1"));
    expect(error).toContain("the account or its password is refused");
    expect(error).not.toContain("hidden");
  });

  test("hangs up in the middle of a request", async () => {
    const server = createServer((request, response) => {
      if (request.url?.startsWith("/ping") === true) response.end("Ok.\n");
      else request.socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await using hook = await on.open(`http://127.0.0.1:${port}`, signal);
    await expect(hook.query("select 1")).rejects.toThrow(
      `ClickHouse at 127.0.0.1:${port} cannot be reached`,
    );
    server.close();
  });
});

test("answers a connection test with its version", async () => {
  await expect(on.test(await clickHouseAddress(), signal)).resolves.toMatch(/^ClickHouse \d+\./);
});
