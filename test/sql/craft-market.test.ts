import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { extractors } from "../../dags/craft_market/lib/extractors.ts";
import { initSchema } from "../../dags/craft_market/lib/init-schema.ts";
import { sourceTables } from "../../dags/craft_market/lib/source-tables.ts";
import { craftMarketSql } from "../../dags/craft_market/lib/sql.ts";
import { stageSql } from "../../dags/craft_market/lib/stage-tmp-sources.ts";
import { targetDatabase } from "../helpers/target-database.ts";

const folder = "sql/craft_market";
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
  const connections = { craft_market: target.uri };
  const dump = () =>
    target.query(
      "select table_schema, table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema in ('source1', 'source2', 'source3', 'external_source', 'staging', 'dwh', 'etl', 'dq') order by 1, 2, ordinal_position",
    );
  const create = async () => {
    await using ctx = testContext({ connections });
    return await initSchema(ctx);
  };
  await create();
  const first = await dump();
  await create();
  expect(await dump()).toEqual(first);
  expect(first.length).toBeGreaterThan(150);
});

test("init_schema.sql includes every file of the schema, once", async () => {
  const included = await craftMarketSql.included("init_schema.sql");
  const expected = files.filter((file) => file.startsWith("schema/"));
  expect(included.toSorted()).toEqual(expected);
});

test("the sources are joined by union all, one select for each of them", async () => {
  const sql = await stageSql(extractors);
  expect(sql.match(/^union all$/gm)).toHaveLength(3);
  expect(sql).not.toContain("{{");
});

test("the tables of the sources are those of their schema, column by column", async () => {
  await using target = await targetDatabase();
  await using ctx = testContext({ connections: { craft_market: target.uri } });
  await initSchema(ctx);
  for (const { name, columns } of sourceTables) {
    const found = await target.query<{ name: string; is_required: boolean }>(
      "select attname as name, attnotnull as is_required from pg_attribute where attrelid = to_regclass($1) and attnum > 0 order by attnum",
      [name],
    );
    expect(
      columns.map((column) => ({ name: column.name, is_required: column.isRequired })),
    ).toEqual(found);
    const extract = await craftMarketSql.read(`extract/${name}.sql`);
    const selected = /select\n([^;]+)\nfrom/
      .exec(extract)?.[1]
      ?.split(/,\s+/)
      .map((one) => one.trim());
    expect(selected).toEqual(columns.map((column) => column.name));
  }
});
