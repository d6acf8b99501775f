import { setImmediate } from "node:timers/promises";
import type { Queryable } from "../../packages/dag-core/src/store/database.ts";
import { sql } from "./factory.ts";

/**
 * Asks the database until the answer is true: for what no event tells of, since the process that would tell it may be
 * dead. Errors of the database count as "not yet".
 *
 * @param question An SQL expression.
 * @throws Error when the deadline passes, with `tellMore` evaluated.
 */
export async function until(
  database: Queryable,
  question: string,
  { deadlineMs = 60_000, tellMore = "select 1" } = {},
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    try {
      const [row] = await sql<{ is_so: boolean | null }>(
        database,
        `select (${question}) as is_so from pg_sleep(0.05)`,
      );
      if (row?.is_so === true) return;
    } catch {
      await setImmediate();
    }
  }
  const more = await sql(database, tellMore);
  throw new Error(`Not so in time: ${question}\n${JSON.stringify(more, null, 1)}`);
}
