import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("alert", "AlertDeliveryFlush", "AlertStatus", "AlertTroubles");

export type DeliveryState = "pending" | "sending" | "sent" | "uncertain" | "failed" | "muted";

export interface AlertStatus {
  readonly channel: string;
  readonly state: DeliveryState;
  readonly deliveries: number;
  readonly oldestAt: Date;
  readonly sentAt: Date | null;
  /** The last trouble of the deliveries in this state. */
  readonly error: string | null;
}

/** A channel that does not take alerts. */
export interface AlertTrouble {
  readonly channel: string;
  readonly deliveries: number;
  readonly error: string | null;
}

export function alertTroubles(tx: Queryable): Promise<AlertTrouble[]> {
  return tx.many(q.AlertTroubles);
}

/** Makes what waits due now, of one channel or of all. @returns how many deliveries */
export function alertFlush(tx: Queryable, channel: string | undefined): Promise<number> {
  return tx.exec(q.AlertDeliveryFlush, { channel: channel ?? null });
}

interface StatusRow {
  readonly channel: string;
  readonly state: DeliveryState;
  readonly deliveries: number;
  readonly oldest_at: Date;
  readonly sent_at: Date | null;
  readonly error: string | null;
}

/** How many deliveries each channel has in each state. */
export async function alertStatus(database: Queryable): Promise<readonly AlertStatus[]> {
  const rows = await database.many<StatusRow>(q.AlertStatus);
  return rows.map((row) => ({
    channel: row.channel,
    state: row.state,
    deliveries: row.deliveries,
    oldestAt: row.oldest_at,
    sentAt: row.sent_at,
    error: row.error,
  }));
}
