import { overdueLoans } from "../../../connections.ts";
import type { PostgresHook } from "@tidemill/tasks/postgres";
import type { LoadContext } from "../load-context.ts";
import { readSettings } from "../settings.ts";
import { runSqlFile } from "../sql-file.ts";
import { chooseProvider } from "./choose-provider.ts";
import { consoleProvider } from "./console-provider.ts";
import { type DayChoice, isReplay, type Moment, momentAt, momentOf } from "./moment.ts";
import type { Notice, NotificationProvider } from "./provider.ts";

export interface Sent {
  readonly sent: number;
  readonly failed: number;
  /** Why nothing was sent, if nothing was to be. */
  readonly held?: string;
}

export interface SendOptions extends DayChoice {
  /** The moment of sending. Defaults to now. */
  readonly now?: Date;
  /** Defaults to the one of the settings; days that are gone go to the console. */
  readonly provider?: NotificationProvider;
}

interface OutboxRow {
  readonly id: string;
  readonly client_id: number;
  readonly client_name: string;
  readonly phone: string | null;
  readonly loan_name: string;
  readonly payment_number: number;
  readonly stage: string;
  readonly channel: string;
  readonly template_code: string;
  readonly shortfall: number;
}

interface Delivery {
  readonly id: string;
  readonly provider_id: string | null;
  readonly reason: string | null;
}

/** So many at once, and no more of them in doubt when the process dies between sending and noting. */
const batchSize = 16;
const maxAttempts = 3;

const noticeOf = (row: OutboxRow): Notice => ({
  id: row.id,
  key: `${row.client_id}/${row.loan_name}/${row.payment_number}/${row.stage}`,
  channel: row.channel,
  template: row.template_code,
  clientId: row.client_id,
  clientName: row.client_name,
  phone: row.phone,
  loanName: row.loan_name,
  paymentNumber: row.payment_number,
  shortfall: row.shortfall,
});

async function deliver(
  ctx: LoadContext,
  provider: NotificationProvider,
  row: OutboxRow,
): Promise<Delivery> {
  try {
    return { id: row.id, provider_id: await provider.send(ctx, noticeOf(row)), reason: null };
  } catch (error) {
    ctx.signal.throwIfAborted();
    const reason = ctx.redact(error instanceof Error ? error.message : String(error));
    ctx.log.warn("a notice was not taken", { id: row.id, reason });
    return { id: row.id, provider_id: null, reason };
  }
}

async function sendAll(
  ctx: LoadContext,
  db: PostgresHook,
  provider: NotificationProvider,
  { at, day }: Moment,
): Promise<Sent> {
  let sent = 0;
  let failed = 0;
  let afterId = "0";
  for (;;) {
    ctx.signal.throwIfAborted();
    const { rows } = await runSqlFile<OutboxRow>(db, "transform/ops/sendable.sql", {
      at,
      day,
      after_id: afterId,
      batch_size: batchSize,
    });
    const last = rows.at(-1);
    if (last === undefined) return { sent, failed };
    const deliveries = await Promise.all(rows.map((row) => deliver(ctx, provider, row)));
    const noted = { at, day, rows: JSON.stringify(deliveries), max_attempts: maxAttempts };
    await runSqlFile(db, "transform/ops/sent_notices.sql", noted);
    const taken = deliveries.filter((delivery) => delivery.provider_id !== null).length;
    sent += taken;
    failed += deliveries.length - taken;
    afterId = last.id;
  }
}

/**
 * Hands the notices of the outbox that are scheduled by now to the provider, each once: a notice that was taken is noted
 * before the next sixteen, and its key lets the provider tell a repetition after a crash. Between 21:00 and 9:00
 * nothing is sent. A notice that is not taken is tried again by the next run, three times in all.
 *
 * @example await sendNotices(ctx, { provider: consoleProvider });
 */
export async function sendNotices(ctx: LoadContext, options: SendOptions): Promise<Sent> {
  const { now = new Date() } = options;
  const replays = isReplay(ctx, options);
  const configured = options.provider ?? (replays ? consoleProvider : await chooseProvider(ctx));
  const db = await ctx.open(overdueLoans);
  return db.lock("overdue_loans/send", async () => {
    const moment = await momentOf(ctx, db, options, now);
    const clock = await momentAt(db, now, readSettings().zone);
    const isQuiet = moment.isQuiet || (configured.reachesPeople && clock.isQuiet);
    if (isQuiet) {
      ctx.log.info("hours of quiet, nothing is sent", { until: moment.nextAllowedAt });
      return { sent: 0, failed: 0, held: "quiet_hours" };
    }
    const result = await sendAll(ctx, db, configured, moment);
    ctx.log.info("notices sent", { provider: configured.name, ...result });
    return result;
  });
}
