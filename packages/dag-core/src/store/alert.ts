import type { AlertKind, AlertPayload } from "../kernel/alert.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

export const deliveryStates = ["pending", "sending", "sent", "uncertain", "failed"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** An alert on its way to one channel, taken by one sender. */
export interface ClaimedDelivery {
  readonly deliveryId: string;
  /** Attempts, with the one that begins now. */
  readonly attempts: number;
  /** Sends so far whose answer never came. */
  readonly unanswered: number;
  /** Shown again when the outcome is recorded; a sender that came too late changes nothing. */
  readonly claim: string;
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  /** How long ago the alert was raised, in milliseconds. */
  readonly ageMs: number;
  /** What the channel called the last message about a failure of the same run. */
  readonly earlierRef: string | null;
  /** Whether the failure of this run was told already, by a message about the task that caused it. */
  readonly isTold: boolean;
}

export interface ClaimOptions {
  readonly channel: string;
  /** How long the claim holds, in milliseconds. */
  readonly leaseMs: number;
  /** Most alerts of one message. */
  readonly most: number;
  /** Takes what becomes due within this time too, in milliseconds. Defaults to 0. */
  readonly aheadMs?: number;
}

/** What to do with a delivery that was not taken. */
export interface DeliveryRetry {
  readonly state: "pending" | "uncertain" | "failed";
  readonly error: string;
  /** Absent: never again. */
  readonly delayMs?: number | undefined;
  /** Whether the answer of this attempt never came. */
  readonly isUnanswered: boolean;
}

export interface AlertStatus {
  readonly channel: string;
  readonly state: DeliveryState;
  readonly deliveries: number;
  readonly oldestAt: Date;
  readonly sentAt: Date | null;
  /** The last trouble of the deliveries in this state. */
  readonly error: string | null;
}

/** What a sender needs of the store. */
export interface AlertStore {
  /** Opens deliveries for new alerts; answers how many. */
  route(channels: readonly string[], graceMs: number): Promise<number>;
  /** Takes deliveries that become one message, the longest due first; none when nothing is due. */
  claim(options: ClaimOptions): Promise<readonly ClaimedDelivery[]>;
  /** Answers how many were still held by the claim. */
  delivered(deliveries: readonly ClaimedDelivery[], messageRef: string | null): Promise<number>;
  retry(deliveries: readonly ClaimedDelivery[], retry: DeliveryRetry): Promise<number>;
  status(): Promise<readonly AlertStatus[]>;
}

const queries = loadQueries(
  "alert",
  "AlertCreateTest",
  "AlertRoute",
  "AlertDeliverySweep",
  "AlertDeliveryClaim",
  "AlertDeliverySent",
  "AlertDeliveryRetry",
  "AlertStatus",
);

/** Sends whose answer never came that a delivery may have and still be repeated. */
const mostUnanswered = 1;

interface ClaimRow {
  readonly alert_delivery_id: string;
  readonly attempts: number;
  readonly unanswered: number;
  readonly claim: string;
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  readonly age_ms: number;
  readonly earlier_ref: string | null;
  readonly is_told: boolean;
}

/** The alerts of a database. */
export function alertStore(database: Queryable): AlertStore {
  return {
    route: (channels, graceMs) => alertRoute(database, channels, graceMs),
    claim: (options) => alertDeliveryClaim(database, options),
    delivered: (deliveries, messageRef) =>
      database.exec(queries.AlertDeliverySent, { ...held(deliveries), message_ref: messageRef }),
    retry: (deliveries, retry) => alertDeliveryRetry(database, deliveries, retry),
    status: () => alertStatus(database),
  };
}

/**
 * Raises an alert that says nothing but that alerts arrive; the sender of a running scheduler delivers it.
 *
 * @returns the alert's id
 */
export async function alertCreateTest(
  database: Queryable,
  payload: Partial<AlertPayload> = {},
): Promise<string> {
  const facts: AlertPayload = {
    dagId: "alerts_test",
    runId: "manual",
    reason: "manual",
    timezone: "UTC",
    ...payload,
  };
  const row = await database.one<{ alert_id: string }>(queries.AlertCreateTest, {
    payload: JSON.stringify(facts),
  });
  return row?.alert_id ?? "";
}

async function alertRoute(
  database: Queryable,
  channels: readonly string[],
  graceMs: number,
): Promise<number> {
  const row = await database.one<{ routed: number }>(queries.AlertRoute, {
    channels,
    grace_ms: graceMs,
  });
  return row?.routed ?? 0;
}

async function alertDeliveryClaim(
  database: Queryable,
  { channel, leaseMs, most, aheadMs = 0 }: ClaimOptions,
): Promise<readonly ClaimedDelivery[]> {
  await database.exec(queries.AlertDeliverySweep, { channel, most_unanswered: mostUnanswered });
  const rows = await database.many<ClaimRow>(queries.AlertDeliveryClaim, {
    channel,
    lease_ms: leaseMs,
    most,
    ahead_ms: aheadMs,
  });
  return rows.map(claimedOf).sort((a, b) => Number(a.deliveryId) - Number(b.deliveryId));
}

const claimedOf = (row: ClaimRow): ClaimedDelivery => ({
  deliveryId: row.alert_delivery_id,
  attempts: row.attempts,
  unanswered: row.unanswered,
  claim: row.claim,
  kind: row.kind,
  payload: row.payload,
  ageMs: row.age_ms,
  earlierRef: row.earlier_ref,
  isTold: row.is_told,
});

/** The deliveries of one claim; all of them carry the same one. */
const held = (deliveries: readonly ClaimedDelivery[]) => ({
  alert_delivery_ids: deliveries.map((delivery) => delivery.deliveryId),
  claim: deliveries[0]?.claim ?? null,
});

async function alertDeliveryRetry(
  database: Queryable,
  deliveries: readonly ClaimedDelivery[],
  retry: DeliveryRetry,
): Promise<number> {
  return database.exec(queries.AlertDeliveryRetry, {
    ...held(deliveries),
    state: retry.state,
    error: retry.error,
    unanswered: retry.isUnanswered ? 1 : 0,
    delay_ms: retry.delayMs ?? null,
  });
}

interface StatusRow {
  readonly channel: string;
  readonly state: DeliveryState;
  readonly deliveries: number;
  readonly oldest_at: Date;
  readonly sent_at: Date | null;
  readonly error: string | null;
}

async function alertStatus(database: Queryable): Promise<readonly AlertStatus[]> {
  const rows = await database.many<StatusRow>(queries.AlertStatus);
  return rows.map((row) => ({
    channel: row.channel,
    state: row.state,
    deliveries: row.deliveries,
    oldestAt: row.oldest_at,
    sentAt: row.sent_at,
    error: row.error,
  }));
}
