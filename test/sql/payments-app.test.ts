import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { initSchema } from "../../dags/payments_app/lib/init.ts";
import { sql } from "../../dags/payments_app/lib/sql.ts";
import { sqlFiles, testSchemaTwice } from "../helpers/pipeline-sql.ts";

const folder = "sql/payments_app";
const files = sqlFiles(folder);

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

testSchemaTwice({
  connectionId: "payments_app",
  initSchema,
  schemas: ["stage", "dimention", "bi", "etl", "dq"],
  fewColumns: 300,
});

test("init_schema.sql includes every file of the schema, once", async () => {
  const included = (await sql.included("init_schema.sql")).filter((file) =>
    file.startsWith("schema/"),
  );
  expect(included.toSorted()).toEqual(files.filter((file) => file.startsWith("schema/")));
});
