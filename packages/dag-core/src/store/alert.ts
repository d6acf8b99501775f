import type { AlertKind, AlertPayload } from "../kernel/alert.ts";
import { alertChatLock, alertChatPause, alertChatSent, type PastSends } from "./alert-chat.ts";
import { alertRoute, type RouteAlerts } from "./alert-route.ts";
import {
  alertIncidents,
  alertLogTail,
  alertTold,
  type Incident,
  type Told,
  type ToldOptions,
} from "./alert-told.ts";
import type { Queryable, Store } from "./database.ts";
import { loadQueries } from "./sql.ts";

/** An alert on its way to one channel, taken by one sender. */
export interface ClaimedDelivery {
  readonly deliveryId: string;
  /** The same for each attempt. */
  readonly key: string;
  /** Alerts of one topic make one message. */
  readonly topic: string;
  /** What is alike in alerts that say the same again; empty for what has nothing to repeat. */
  readonly fingerprint: string;
  /** Attempts, with the one that begins now. */
  readonly attempts: number;
  /** Sends so far whose answer never came. */
  readonly unanswered: number;
  /** Shown again when the outcome is recorded; a sender that came too late changes nothing. */
  readonly claim: string;
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  /** Zero for an alert about no task. */
  readonly taskInstanceId: string;
  readonly raisedAt: Date;
  /** How long ago the alert was raised, in milliseconds. */
  readonly ageMs: number;
  /** What the channel called the last message about a failure of the same run. */
  readonly earlierRef: string | null;
  /** Whether the failure of this run was told already, by a message about the task that caused it. */
  readonly isTold: boolean;
}

/** The limits of a chat on messages. */
export interface ChatPace {
  readonly chat: string;
  /** How long to wait before the next message, in milliseconds. */
  readonly delayMs: (past: PastSends) => number;
  /** How long a message counts, in milliseconds. */
  readonly windowMs: number;
}

export interface ClaimOptions {
  readonly channel: string;
  /** How long the claim holds, in milliseconds. */
  readonly leaseMs: number;
  /** Most alerts of one message. */
  readonly most: number;
  /** When more topics than this are due, one message tells of all. Defaults to no such number. */
  readonly mostTopics?: number | undefined;
  /** Takes what becomes due within this time too, in milliseconds. Defaults to 0. */
  readonly aheadMs?: number;
  /** Sends whose answer never came that a delivery may have and still be repeated. Defaults to 1. */
  readonly mostUnanswered?: number;
  /** Asked and counted with the claim, so that the limits hold over all processes. */
  readonly pace?: ChatPace | undefined;
}

export interface Claim {
  /** They become one message; none when nothing is due. */
  readonly deliveries: readonly ClaimedDelivery[];
  /** How long the limits of the chat allow no message, in milliseconds. */
  readonly waitMs: number;
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

export interface SentOptions {
  readonly channel: string;
  readonly messageRef: string | null;
  /** Whether the message was a new one, that people hear of; an edit is silent. */
  readonly rings: boolean;
  /** Topics whose errors are put right. */
  readonly closedTopics?: readonly string[];
}

/** What a sender needs of the store. */
export interface AlertStore {
  /** Opens deliveries for new alerts, as `decide` says; answers how many alerts there were. */
  route(decide: RouteAlerts): Promise<number>;
  /** Whether an alert waits to be routed, or a delivery of the channel is due within `aheadMs`. */
  hasWork(options: Pick<ClaimOptions, "channel" | "aheadMs">): Promise<boolean>;
  claim(options: ClaimOptions): Promise<Claim>;
  /** Answers how many were still held by the claim. */
  delivered(deliveries: readonly ClaimedDelivery[], options: SentOptions): Promise<number>;
  retry(deliveries: readonly ClaimedDelivery[], retry: DeliveryRetry): Promise<number>;
  /** Keeps every process from sending to a chat for a while. */
  pause(chat: string, pauseMs: number): Promise<void>;
  incidents(channel: string, topics: readonly string[]): Promise<readonly Incident[]>;
  /** All that a message tells, with what it has told before. */
  told(options: ToldOptions): Promise<Told>;
  /** The last log lines of a try. */
  logTail(taskInstanceId: string, tryNumber: number): Promise<readonly string[]>;
}

const q = loadQueries(
  "alert",
  "AlertSenderHasWork",
  "AlertDeliveryIsDue",
  "AlertDeliverySweep",
  "AlertDeliveryClaim",
  "AlertDeliverySent",
  "AlertDeliveryRetry",
);

/** The alerts of a database. */
export function alertStore(database: Store): AlertStore {
  return {
    route: (decide) => alertRoute(database, decide),
    hasWork: (options) => alertSenderHasWork(database, options),
    claim: (options) => alertDeliveryClaim(database, options),
    delivered: (deliveries, options) => alertDeliverySent(database, deliveries, options),
    retry: (deliveries, retry) => alertDeliveryRetry(database, deliveries, retry),
    pause: (chat, pauseMs) => alertChatPause(database, chat, pauseMs),
    incidents: (channel, topics) => alertIncidents(database, channel, topics),
    told: (options) => alertTold(database, options),
    logTail: (taskInstanceId, tryNumber) => alertLogTail(database, taskInstanceId, tryNumber),
  };
}

interface ClaimRow {
  readonly alert_delivery_id: string;
  readonly delivery_key: string;
  readonly topic: string;
  readonly fingerprint: string;
  readonly attempts: number;
  readonly unanswered: number;
  readonly claim: string;
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  readonly task_instance_id: string;
  readonly created_at: Date;
  readonly age_ms: number;
  readonly earlier_ref: string | null;
  readonly is_told: boolean;
}

const anyNumber = 1_000_000_000;

async function alertSenderHasWork(
  database: Store,
  { channel, aheadMs = 0 }: Pick<ClaimOptions, "channel" | "aheadMs">,
): Promise<boolean> {
  const params = { channel, ahead_ms: aheadMs };
  const found = await database.one<{ has_work: boolean }>(q.AlertSenderHasWork, params);
  return found?.has_work ?? false;
}

/** Looks first, without a lock: most rounds have nothing to do. */
async function alertDeliveryClaim(database: Store, options: ClaimOptions): Promise<Claim> {
  const { channel, leaseMs, most, mostTopics, aheadMs = 0, mostUnanswered = 1, pace } = options;
  const due = await database.one<{ is_due: boolean }>(q.AlertDeliveryIsDue, {
    channel,
    ahead_ms: aheadMs,
  });
  if (!due?.is_due) return { deliveries: [], waitMs: 0 };
  return database.transaction(async (tx) => {
    const waitMs = pace ? pace.delayMs(await alertChatLock(tx, pace.chat)) : 0;
    if (waitMs > 0) return { deliveries: [], waitMs };
    await tx.exec(q.AlertDeliverySweep, { channel, most_unanswered: mostUnanswered });
    const rows = await tx.many<ClaimRow>(q.AlertDeliveryClaim, {
      channel,
      lease_ms: leaseMs,
      most,
      most_topics: mostTopics ?? anyNumber,
      ahead_ms: aheadMs,
    });
    if (pace && rows.length > 0) await alertChatSent(tx, pace.chat, pace.windowMs);
    const deliveries = rows
      .map(claimedOf)
      .sort((a, b) => Number(a.deliveryId) - Number(b.deliveryId));
    return { deliveries, waitMs: 0 };
  });
}

const claimedOf = (row: ClaimRow): ClaimedDelivery => ({
  deliveryId: row.alert_delivery_id,
  key: row.delivery_key,
  topic: row.topic,
  fingerprint: row.fingerprint,
  attempts: row.attempts,
  unanswered: row.unanswered,
  claim: row.claim,
  kind: row.kind,
  payload: row.payload,
  taskInstanceId: row.task_instance_id,
  raisedAt: row.created_at,
  ageMs: row.age_ms,
  earlierRef: row.earlier_ref,
  isTold: row.is_told,
});

/** The deliveries of one claim; all of them carry the same one. */
const held = (deliveries: readonly ClaimedDelivery[]) => ({
  alert_delivery_ids: deliveries.map((delivery) => delivery.deliveryId),
  claim: deliveries[0]?.claim ?? null,
});

function alertDeliverySent(
  database: Queryable,
  deliveries: readonly ClaimedDelivery[],
  { channel, messageRef, rings, closedTopics = [] }: SentOptions,
): Promise<number> {
  return database.exec(q.AlertDeliverySent, {
    ...held(deliveries),
    channel,
    message_ref: messageRef,
    rings,
    closed_topics: closedTopics,
  });
}

async function alertDeliveryRetry(
  database: Queryable,
  deliveries: readonly ClaimedDelivery[],
  retry: DeliveryRetry,
): Promise<number> {
  return database.exec(q.AlertDeliveryRetry, {
    ...held(deliveries),
    state: retry.state,
    error: retry.error,
    unanswered: retry.isUnanswered ? 1 : 0,
    delay_ms: retry.delayMs ?? null,
  });
}
