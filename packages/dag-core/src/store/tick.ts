import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("tick", "TickDue");

/** What a scheduler finds when it looks whether there is anything to do. */
export interface TickDueRow {
  /** The clock that decides what is due: the database's, read once for each tick. */
  readonly now: Date;
  readonly has_queued: boolean;
  /** Whether there is anything else than queued runs. */
  readonly has_rest: boolean;
  /** The next moment at which a schedule comes due; null if there is none. */
  readonly next_run_after: Date | null;
}

/** One look at all that a tick may have to do, so that an idle scheduler asks one question a tick. */
export async function tickDue(tx: Queryable, leaseMs: number): Promise<TickDueRow> {
  const row = await tx.one<TickDueRow>(q.TickDue, { lease_ms: leaseMs });
  if (!row) throw new Error("The database did not tell the time");
  return row;
}
