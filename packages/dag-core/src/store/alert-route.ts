import type { AlertKind, AlertPayload } from "../kernel/alert.ts";
import { alertMutes, type MuteRow } from "./alert-mute.ts";
import type { Store } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("alert", "AlertIsWaiting", "AlertRouted", "AlertToRoute");

/** An alert that has no delivery yet. */
export interface NewAlert {
  readonly alertId: string;
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  readonly raisedAt: Date;
  /** The database's clock. */
  readonly now: Date;
  readonly tags: readonly string[];
  readonly owner: string | null;
}

/** One way that an alert takes. */
export interface NewDelivery {
  readonly channel: string;
  readonly topic: string;
  readonly fingerprint: string;
  readonly state: "pending" | "muted";
  /** Whether quiet hours hold it back. */
  readonly isHeld: boolean;
  readonly dueAt: Date;
  /** Why it is muted. */
  readonly error?: string | undefined;
}

export type RouteAlerts = (alert: NewAlert, mutes: readonly MuteRow[]) => readonly NewDelivery[];

interface AlertRow {
  readonly alert_id: string;
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  readonly created_at: Date;
  readonly now: Date;
  readonly tags: readonly string[];
  readonly owner: string | null;
}

/** Opens the deliveries of alerts that have none. @returns how many alerts there were */
export async function alertRoute(database: Store, decide: RouteAlerts): Promise<number> {
  const waiting = await database.one<{ is_waiting: boolean }>(q.AlertIsWaiting);
  if (!waiting?.is_waiting) return 0;
  return database.transaction(async (tx) => {
    const rows = await tx.many<AlertRow>(q.AlertToRoute);
    if (rows.length === 0) return 0;
    const mutes = await alertMutes(tx);
    const deliveries = rows.flatMap((row) =>
      decide(newAlertOf(row), mutes).map((delivery) => deliveryRow(row.alert_id, delivery)),
    );
    await tx.exec(q.AlertRouted, {
      deliveries: JSON.stringify(deliveries),
      alert_ids: rows.map((row) => row.alert_id),
    });
    return rows.length;
  });
}

const newAlertOf = (row: AlertRow): NewAlert => ({
  alertId: row.alert_id,
  kind: row.kind,
  payload: row.payload,
  raisedAt: row.created_at,
  now: row.now,
  tags: row.tags,
  owner: row.owner,
});

const deliveryRow = (alertId: string, delivery: NewDelivery): object => ({
  alert_id: alertId,
  channel: delivery.channel,
  topic: delivery.topic,
  fingerprint: delivery.fingerprint,
  state: delivery.state,
  is_held: delivery.isHeld,
  next_attempt_at: delivery.dueAt,
  error: delivery.error ?? null,
});
