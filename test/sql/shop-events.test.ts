import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { initSchema } from "../../dags/shop_events/lib/init-schema.ts";
import { includedFiles } from "../../dags/shop_events/lib/sql-file.ts";
import { targetDatabase } from "../helpers/target-database.ts";

const folder = "sql/shop_events";
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".sql"))
  .toSorted();

describe.each(files)("%s", (file) => {
  const sql = readFileSync(join(folder, file), "utf8");

  test("says in its first five lines what it fills, from what, and with which parameters", () => {
    const headings = sql.split("\n", 5).map((line) => /^-- ([a-z]+): ./.exec(line)?.[1]);
    expect(headings).toEqual(["target", "grain", "keys", "reads", "params"]);
    const listed = /^-- params: (.+)$/m.exec(sql)?.[1]?.split(", ") ?? [];
    const used = [...sql.matchAll(/@([a-z_]+)::/g)].map(([, name]) => name);
    expect(listed.filter((name) => name !== "none").toSorted()).toEqual(
      [...new Set(used)].toSorted(),
    );
  });

  test("names its columns and asks no clock for the rows that it chooses", () => {
    expect(sql).not.toMatch(/select\s+(\w+\.)?\*/);
    expect(sql).not.toMatch(/\bbetween\b(?! 1 and 18)/);
    expect(sql).not.toMatch(/[<>]=?\s*now\(\)/);
  });
});

test("the schema can be created twice, and is the same after it", async () => {
  await using target = await targetDatabase();
  const connections = { shop_events: target.uri };
  const dump = () =>
    target.query(
      "select table_schema, table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema in ('raw', 'dds', 'etl', 'dq') order by 1, 2, ordinal_position",
    );
  const create = async () => {
    await using ctx = testContext({ connections });
    return await initSchema(ctx);
  };
  await create();
  const first = await dump();
  await create();
  expect(await dump()).toEqual(first);
  expect(first.length).toBeGreaterThan(200);
});

test("init_schema.sql includes every file of the schema, once", async () => {
  const included = await includedFiles("init_schema.sql");
  const expected = files.filter((file) => file.startsWith("schema/"));
  expect(included.toSorted()).toEqual(expected);
});
