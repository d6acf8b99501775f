import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  postgres,
  postgresCheck,
  postgresCopy,
  postgresQuery,
  postgresSql,
} from "@tidemill/tasks/postgres";
import { type TestContext, testContext } from "@tidemill/dag-core/testing";
import { postgresAddress } from "../../helpers/task-systems.ts";

const dwh = postgres("dwh");
let task: TestContext<{}, {}>;
let folder: string;
const folderBefore = process.env["TIDEMILL_SQL_FOLDER"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemill-sql-"));
  process.env["TIDEMILL_SQL_FOLDER"] = folder;
});
afterAll(async () => {
  if (folderBefore === undefined) delete process.env["TIDEMILL_SQL_FOLDER"];
  else process.env["TIDEMILL_SQL_FOLDER"] = folderBefore;
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  task = testContext({ connections: { dwh: await postgresAddress() } });
  const hook = await task.open(dwh);
  await hook.named(
    "drop schema if exists tasks_operators cascade; create schema tasks_operators; create table tasks_operators.t (n int primary key, day date)",
  );
});
afterEach(async () => {
  await task[Symbol.asyncDispose]();
});

describe("postgresSql", () => {
  test("runs a file of several statements and answers with the last one's rows", async () => {
    await writeFile(
      join(folder, "t.sql"),
      "-- target: t\ndelete from tasks_operators.t where day = @day::date;\ninsert into tasks_operators.t select n, @day::date from generate_series(1, 3) n returning n;",
    );
    const run = () => postgresSql(task, { on: dwh, file: "t.sql", values: { day: "2024-05-01" } });
    expect(await run()).toEqual({ rowCount: 3, rows: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    await (await task.open(dwh)).query("delete from tasks_operators.t");
    // The same try of the same run again: its transaction has committed and does not run twice.
    expect(await run()).toMatchObject({ rowCount: 3 });
    expect(await postgresQuery(task, { on: dwh, sql: "select n from tasks_operators.t" })).toEqual(
      [],
    );
    expect(task.logs[0]).toMatchObject({
      message: 'SQL file "t.sql" ran',
      fields: { rowCount: 3 },
    });
  });

  test("a failing statement undoes those before it", async () => {
    const sql =
      "insert into tasks_operators.t values (1, null); insert into tasks_operators.t values (1, null)";
    await expect(postgresSql(task, { on: dwh, sql })).rejects.toThrow("duplicate key");
    expect(await postgresQuery(task, { on: dwh, sql: "select n from tasks_operators.t" })).toEqual(
      [],
    );
  });

  test("a file that is not there, and parameters that do not match, are named", async () => {
    await writeFile(join(folder, "p.sql"), "select @from::date, @to::date");
    await expect(postgresSql(task, { on: dwh, file: "nope.sql" })).rejects.toThrow(
      `SQL file "nope.sql" is not in ${folder}; name it relative to that folder`,
    );
    await expect(
      postgresSql(task, { on: dwh, file: "p.sql", values: { from: "2024-01-01", tto: 1 } }),
    ).rejects.toThrow(
      'SQL file "p.sql" needs a value for @to, has no parameter @tto; its parameters are: @from, @to',
    );
  });

  test("many rows are counted, not returned", async () => {
    const result = await postgresSql(task, { on: dwh, sql: "select generate_series(1, 21)" });
    expect(result).toEqual({ rowCount: 21 });
  });
});

describe("postgresQuery", () => {
  test("refuses to cut off rows", async () => {
    const query = { on: dwh, sql: "select generate_series(1, @n::int) as n", limit: 5 };
    expect(await postgresQuery(task, { ...query, values: { n: 5 } })).toHaveLength(5);
    await expect(postgresQuery(task, { ...query, values: { n: 6 } })).rejects.toThrow(
      "more than 5 rows",
    );
  });
});

describe("postgresCheck", () => {
  test.each([
    ["rows", "select 1", true],
    ["rows", "select 1 where false", false],
    ["no_rows", "select 1 where false", true],
    ["no_rows", "select 1", false],
    ["true", "select true", true],
    ["true", "select null::boolean", false],
    [{ equals: 3 }, "select 3::bigint", true],
    [{ equals: "0.10" }, "select 0.10::numeric", true],
    [{ equals: 0 }, "select null::int", false],
    [{ atLeast: 2 }, "select 2", true],
    [{ atLeast: 2 }, "select 1", false],
    [{ atMost: 0 }, "select count(*) from tasks_operators.t", true],
    [{ atMost: 0 }, "select null::int", false],
  ] as const)("%j of %s: %s", async (expected, sql, holds) => {
    const check = { name: "c", sql, expect: expected };
    const running = postgresCheck(task, { on: dwh, checks: [check] });
    const answer = await running.catch((error: unknown) => error);
    const wanted = holds ? { passed: 1, failed: [] } : { code: "TIDEMILL_CHECK_FAILED" };
    expect(answer).toMatchObject(wanted);
  });

  test("a warning lets the task go on; every check is looked at before one fails it", async () => {
    const warn = { name: "w", sql: "select 2", expect: { equals: 1 }, severity: "warn" } as const;
    const fail = { name: "f", sql: "select false", expect: "true" } as const;
    await expect(postgresCheck(task, { on: dwh, checks: [warn] })).resolves.toEqual({
      passed: 0,
      failed: ["w"],
    });
    await expect(postgresCheck(task, { on: dwh, checks: [fail, warn] })).rejects.toThrow(
      'Check "f" gave false, not true;',
    );
    expect(task.logs.map(({ level }) => level)).toEqual(["warn", "error", "warn"]);
  });
});

describe("postgresCopy", () => {
  test("replaces the rows in one transaction", async () => {
    const copy = (name: string, rows: readonly unknown[][]) =>
      postgresCopy(task, {
        into: dwh,
        table: "tasks_operators.t",
        columns: ["n", "day"],
        rows,
        truncate: true,
        name,
      });
    expect(
      await copy("first", [
        [1, "2024-01-01"],
        [2, null],
      ]),
    ).toEqual({ rowCount: 2 });
    await expect(
      copy("second", [
        [3, null],
        [3, null],
      ]),
    ).rejects.toThrow("duplicate key");
    const rows = await postgresQuery(task, {
      on: dwh,
      sql: "select n, day from tasks_operators.t order by n",
    });
    expect(rows).toEqual([
      { n: 1, day: "2024-01-01" },
      { n: 2, day: null },
    ]);
  });
});
