import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { rootFile } from "../helpers/compose.ts";
import { databaseUrlOf, runSql } from "../helpers/database-server.ts";
import { stackDirectory, withStack } from "../helpers/stack-directory.ts";

const script = readFileSync(rootFile("docker/postgres/create-databases.sh"), "utf8");
const sql = /<<'SQL'\n([\s\S]*?)\nSQL\n/.exec(script)?.[1] ?? "";

const directory = stackDirectory();

test("what Postgres runs when it is new makes the databases, and roles that own theirs only", () =>
  withStack({ directory, services: ["postgres"] }, async ({ addresses: { databaseUrl } }) => {
    // A password with a quote shows that psql's own quoting is what puts it in.
    const filled = sql.replace(/:'(\w+)'/g, (_, name: string) => `'it''s ${name}'`);
    for (const statement of filled.split(";\n")) await runSql(databaseUrl, statement);
    const own = new URL(databaseUrlOf(databaseUrl, "metabase"));
    own.username = "metabase";
    own.password = encodeURIComponent("it's metabase_password");
    const client = new pg.Client({ connectionString: own.href });
    await client.connect();
    try {
      await client.query("create schema reports");
      const { rows } = await client.query<{ readonly allowed: boolean }>(
        "select has_database_privilege('superset', 'create') as allowed",
      );
      expect(rows).toEqual([{ allowed: false }]);
    } finally {
      await client.end();
    }
  }));

test("every variable of the script is one that psql is given", () => {
  const used = [...sql.matchAll(/:'(\w+)'/g)].map((match) => match[1] ?? "");
  const given = [...script.matchAll(/--set (\w+)="/g)].map((match) => match[1] ?? "");
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((name) => !given.includes(name))).toEqual([]);
});
