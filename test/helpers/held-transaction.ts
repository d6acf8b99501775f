import type pg from "pg";
import type { Database } from "../../packages/dag-core/src/store/database.ts";
import { until } from "./until.ts";

/** An open transaction that a test holds, to say in which order things happen. Rolled back at the end of its block. */
export interface HeldTransaction extends AsyncDisposable {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  commit(): Promise<void>;
}

/** @example await using held = await heldTransaction(database); await held.query("select from dag_run for update"); */
export async function heldTransaction(database: Database): Promise<HeldTransaction> {
  const client = await database.connect();
  await client.query("begin");
  let hasEnded = false;
  const end = async (how: "commit" | "rollback") => {
    if (hasEnded) return;
    hasEnded = true;
    await client.query(how);
    await client.end();
  };
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      (await client.query<Row>(text, values)).rows,
    commit: () => end("commit"),
    [Symbol.asyncDispose]: () => end("rollback"),
  };
}

/** Resolves once so many sessions of this database wait for a lock that another one holds. */
export function untilBlocked(database: Database, sessions = 1): Promise<void> {
  return until(
    database,
    `select count(*) >= ${sessions} from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
    {
      tellMore: "select pid, state, query from pg_stat_activity where datname = current_database()",
    },
  );
}
