import { randomBytes } from "node:crypto";
import pg from "pg";
import { asFiles } from "./database-server.ts";
import { testStack } from "./stack.ts";

export interface TargetDatabase extends AsyncDisposable {
  readonly uri: string;
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
}

/** An empty database on the shared Postgres, dropped at the end of its `await using` block. */
export async function targetDatabase(): Promise<TargetDatabase> {
  const { databaseUrl } = await testStack(["postgres"]);
  const name = `target_${randomBytes(6).toString("hex")}`;
  await once(databaseUrl ?? "", `create database ${name} ${asFiles}`);
  const uri = new URL(databaseUrl ?? "");
  uri.pathname = name;
  return {
    uri: uri.href,
    query: async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) =>
      (await once<Row>(uri.href, sql, values)).rows,
    [Symbol.asyncDispose]: async () => {
      await once(databaseUrl ?? "", `drop database ${name} with (force)`);
    },
  };
}

async function once<Row extends pg.QueryResultRow>(uri: string, sql: string, values?: unknown[]) {
  const client = new pg.Client({ connectionString: uri });
  await client.connect();
  try {
    return await client.query<Row>(sql, values);
  } finally {
    await client.end();
  }
}
