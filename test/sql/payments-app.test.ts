import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { initSchema } from "../../dags/payments_app/lib/init.ts";
import { sql } from "../../dags/payments_app/lib/sql.ts";
import { targetDatabase } from "../helpers/target-database.ts";

const folder = "sql/payments_app";
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".sql"))
  .toSorted();

describe.each(files)("%s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");

  test("says in its first five lines what it fills, from what, and with which parameters", () => {
    const headings = text.split("\n", 5).map((line) => /^-- ([a-z]+): ./.exec(line)?.[1]);
    expect(headings).toEqual(["target", "grain", "keys", "reads", "params"]);
    const listed = /^-- params: (.+)$/m.exec(text)?.[1]?.split(", ") ?? [];
    const used = [...text.matchAll(/@([a-z_0-9]+)/g)].map(([, name]) => name ?? "");
    expect([...new Set(used)].filter((name) => !listed.includes(name))).toEqual([]);
  });
});

// The views of the faults stand in the place of a table, with all that it has.
describe.each(files.filter((file) => !file.includes("faults/")))("%s", (file) => {
  test("names its columns and asks no clock for the rows it chooses", () => {
    const text = readFileSync(join(folder, file), "utf8");
    expect(text).not.toMatch(/select\s+(\w+\.)?\*/);
    expect(text).not.toMatch(/\bbetween\b(?! -?\d+ and \d+)/);
    expect(text).not.toMatch(/[<>]=?\s*now\(\)/);
  });
});

test("the schema can be created twice, and is the same after it", async () => {
  await using target = await targetDatabase();
  const connections = { payments_app: target.uri };
  const dump = () =>
    target.query(
      `select table_schema, table_name, column_name, data_type, is_nullable, column_default
       from information_schema.columns
       where table_schema in ('stage', 'dimention', 'bi', 'etl', 'dq') order by 1, 2, ordinal_position`,
    );
  const create = async () => {
    await using ctx = testContext({ connections });
    return await initSchema(ctx);
  };
  await create();
  const first = await dump();
  await create();
  expect(await dump()).toEqual(first);
  expect(first.length).toBeGreaterThan(300);
});

test("init_schema.sql includes every file of the schema, once", async () => {
  const included = (await sql.included("init_schema.sql")).filter((file) =>
    file.startsWith("schema/"),
  );
  expect(included.toSorted()).toEqual(files.filter((file) => file.startsWith("schema/")));
});
