import type { PostgresSession } from "@tidemill/tasks/postgres";
import type { LoadContext } from "../load-context.ts";
import { readSettings } from "../settings.ts";
import { runSqlFile } from "../sql-file.ts";

export interface DayChoice {
  /** The day that the notices are about, `YYYY-MM-DD`. */
  readonly date?: string | undefined;
}

/** A moment as the hours of quiet see it. */
export interface Moment {
  readonly at: string;
  /** The day where `NOTIFY_TZ` says, `YYYY-MM-DD`. */
  readonly day: string;
  /** From 21:00 to 9:00. */
  readonly isQuiet: boolean;
  /** This moment, or the next 9:00. */
  readonly nextAllowedAt: string;
}

/** Where a moment lies in the day of the zone. */
export async function momentAt(
  db: PostgresSession,
  at: Date | string,
  zone: string,
): Promise<Moment> {
  const { rows } = await runSqlFile<{
    local_day: string;
    is_quiet: boolean;
    next_allowed_at: string;
  }>(db, "transform/ops/quiet_hours.sql", { at, zone });
  const [row] = rows;
  if (row === undefined) throw new RangeError("a moment lies nowhere");
  return {
    at: new Date(at).toISOString(),
    day: row.local_day,
    isQuiet: row.is_quiet,
    nextAllowedAt: row.next_allowed_at,
  };
}

/** Days that are gone are gone through as if at 9:00; nobody outside is told of them. */
export const isReplay = (ctx: Pick<LoadContext, "runType">, { date }: DayChoice): boolean =>
  date !== undefined || ctx.runType === "backfill";

/**
 * The moment that a run acts in: now, or 9:00 of the day that it was asked to go through. The day of a scheduled run is
 * the one on which it runs, also when it is late.
 */
export async function momentOf(
  ctx: LoadContext,
  db: PostgresSession,
  choice: DayChoice,
  now: Date,
): Promise<Moment> {
  const { zone } = readSettings();
  if (!isReplay(ctx, choice)) return momentAt(db, now, zone);
  const day = choice.date ?? (await momentAt(db, ctx.dataInterval.end, zone)).day;
  const { rows } = await runSqlFile<{ at: string }>(db, "transform/ops/moment_of_day.sql", {
    day,
    zone,
  });
  return momentAt(db, rows[0]?.at ?? "", zone);
}
