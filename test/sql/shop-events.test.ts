import { expect, test } from "@jest/globals";
import { initSchema } from "../../dags/shop_events/lib/init-schema.ts";
import { includedFiles } from "../../dags/shop_events/lib/sql-file.ts";
import { describeSqlFiles, schemaFiles, testSchemaTwice } from "../helpers/pipeline-sql.ts";

const folder = "sql/shop_events";

describeSqlFiles(folder);

testSchemaTwice({
  connectionId: "shop_events",
  initSchema,
  schemas: ["raw", "dds", "etl", "dq"],
  fewColumns: 200,
});

test("init_schema.sql includes every file of the schema, once", async () => {
  const included = await includedFiles("init_schema.sql");
  expect(included.toSorted()).toEqual(schemaFiles(folder));
});
