import { Database } from "../../packages/dag-core/src/store/database.ts";
import { migrate } from "../../packages/dag-core/src/store/migrate.ts";
import { databaseUrlOf, runSql } from "./database-server.ts";

/** Migrated once a run; each test file clones it. */
export const templateName = "tidemill_template";

/** Called once a run, when the shared Postgres has started and before the first test gets its address. */
export async function prepareTemplate(databaseUrl: string): Promise<void> {
  await runSql(databaseUrl, `create database ${templateName}`);
  const database = new Database({ url: databaseUrlOf(databaseUrl, templateName), connections: 1 });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}
