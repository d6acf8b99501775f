import { expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { extractors } from "../../dags/craft_market/lib/extractors.ts";
import { initSchema } from "../../dags/craft_market/lib/init-schema.ts";
import { sourceTables } from "../../dags/craft_market/lib/source-tables.ts";
import { craftMarketSql } from "../../dags/craft_market/lib/sql.ts";
import { stageSql } from "../../dags/craft_market/lib/stage-tmp-sources.ts";
import { describeSqlFiles, schemaFiles, testSchemaTwice } from "../helpers/pipeline-sql.ts";
import { targetDatabase } from "../helpers/target-database.ts";

const folder = "sql/craft_market";

describeSqlFiles(folder);

testSchemaTwice({
  connectionId: "craft_market",
  initSchema,
  schemas: ["source1", "source2", "source3", "external_source", "staging", "dwh", "etl", "dq"],
  fewColumns: 150,
});

test("init_schema.sql includes every file of the schema, once", async () => {
  const included = await craftMarketSql.included("init_schema.sql");
  expect(included.toSorted()).toEqual(schemaFiles(folder));
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
