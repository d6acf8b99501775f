import type { TaskContext } from "@tidemill/dag-core";
import type { PostgresSession } from "@tidemill/tasks/postgres";
import { z } from "zod";
import { sql } from "./sql.ts";

/** What a run may be told of its batch. */
export const batchParams = {
  /** The day that is loaded, in Minsk. Defaults to the day in which the data interval starts. */
  batchDt: z.iso.date().optional(),
  /** First day of a batch of several days, for history. Defaults to `batchDt`. */
  since: z.iso.date().optional(),
};

interface BatchParams {
  readonly batchDt?: string | undefined;
  readonly since?: string | undefined;
}

export interface Batch {
  /** Last day of the batch, `YYYY-MM-DD` in Minsk; names it. */
  readonly batchDt: string;
  readonly since: string;
}

/** The days of a batch as instants. */
export interface Window {
  readonly from: string;
  readonly to: string;
  /** A day after `to`: what is dated later is in the future. */
  readonly tomorrow: string;
  /** Highest `transaction_id` of the batches before. */
  readonly above: string;
}

const minskDay = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Minsk" });

/** The day of Minsk that holds an instant, `YYYY-MM-DD`. */
export const dayInMinsk = (moment: Date): string => minskDay.format(moment);

export function batchOf(ctx: TaskContext<BatchParams>): Batch {
  const batchDt = ctx.params.batchDt ?? dayInMinsk(ctx.dataInterval.start);
  return { batchDt, since: ctx.params.since ?? batchDt };
}

export async function windowOf(db: PostgresSession, { batchDt, since }: Batch): Promise<Window> {
  const { rows } = await sql.run<Window>(db, "transform/etl/window.sql", {
    since,
    batch_dt: batchDt,
  });
  const [window] = rows;
  if (window === undefined) throw new Error("the window of a batch has no row");
  return window;
}

/** Every day of a batch, the first one first. */
export function daysOf({ batchDt, since }: Batch): string[] {
  const days: string[] = [];
  const last = Date.parse(`${batchDt}T00:00:00Z`);
  for (let at = Date.parse(`${since}T00:00:00Z`); at <= last; at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}
