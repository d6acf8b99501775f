import { readFileSync } from "node:fs";
import type { Database } from "../packages/dag-core/src/store/database.ts";

const query = readFileSync(new URL("dump-schema.sql", import.meta.url), "utf8");
const head = `-- The engine's schema, for reading and for review: what the migrations of sql/migrations amount to.
-- Written by "npm run schema:dump"; a test compares it with a database that was just migrated.
`;

/** Text of `packages/dag-core/schema.sql` for a database that is up to date. */
export async function dumpSchema(database: Database): Promise<string> {
  const client = await database.connect();
  try {
    const { rows } = await client.query<{ readonly text: string }>(query);
    return `${head}\n${rows.map((row) => row.text).join("\n\n")}\n`;
  } finally {
    await client.end();
  }
}
