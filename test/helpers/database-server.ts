import pg from "pg";

/** How tests make a database: page by page through the log, as is the default, takes twice the processor time. */
export const asFiles = "strategy file_copy";

/** The URL of another database on the same server. */
export function databaseUrlOf(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

/** Runs one statement on a connection of its own. */
export async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
