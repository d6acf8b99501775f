import { randomBytes } from "node:crypto";
import { Database } from "../../packages/dag-core/src/store/database.ts";
import { asFiles, databaseUrlOf, runSql } from "./database-server.ts";
import { testStack } from "./stack.ts";
import { templateName } from "./template-database.ts";

/** A migrated database of its own, dropped at the end of its `await using` block or by `drop()`. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly database: Database;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Most connections of `database`. Defaults to 10. */
  readonly connections?: number;
}

/**
 * A clone of the migrated template, for one test file or one test.
 *
 * @example const { database, drop } = await testDatabase();
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { databaseUrl } = await testStack(["postgres"]);
  const name = `test_${randomBytes(8).toString("hex")}`;
  await runSql(databaseUrl, `create database ${name} template ${templateName} ${asFiles}`);
  const url = databaseUrlOf(databaseUrl, name);
  const database = new Database({ url, connections: options.connections ?? 10 });
  let dropped: Promise<void> | undefined;
  const drop = () => (dropped ??= close(database, databaseUrl, name));
  return { url, database, drop, [Symbol.asyncDispose]: drop };
}

async function close(database: Database, serverUrl: string, name: string): Promise<void> {
  await database.close();
  await runSql(serverUrl, `drop database if exists ${name} with (force)`);
}
