import type { AlertKind, AlertPayload } from "../kernel/alert.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "alert",
  "AlertIncidents",
  "AlertLogTail",
  "AlertMessageCounts",
  "AlertMessageSummary",
);

/** An error that a channel was told of and that is not put right. */
export interface Incident {
  readonly topic: string;
  readonly fingerprint: string;
  readonly messageRef: string;
  /** Alerts so far, and at the last message that rang. */
  readonly seen: number;
  readonly told: number;
  /** Time since the last alert and since the last message that rang, in milliseconds. */
  readonly quietMs: number;
  readonly toldMs: number;
}

/** Something that a message tells of: how often it happened, with one example. */
export interface ToldThing {
  readonly kind: AlertKind;
  readonly alerts: number;
  readonly payload: AlertPayload;
}

/** A message: what it has told already, and what it is about to tell. */
export interface ToldOptions {
  readonly channel: string;
  /** Absent for a new one. */
  readonly messageRef?: string | undefined;
  readonly deliveryIds: readonly string[];
}

/** What a message tells in all. */
export interface Told {
  /** What happened most often first; not all when there are many. */
  readonly things: readonly ToldThing[];
  /** Tasks that failed. */
  readonly failures: number;
  readonly runs: number;
  readonly dags: number;
  readonly alerts: number;
}

export async function alertIncidents(
  tx: Queryable,
  channel: string,
  topics: readonly string[],
): Promise<readonly Incident[]> {
  const rows = await tx.many<{
    readonly topic: string;
    readonly fingerprint: string;
    readonly message_ref: string;
    readonly seen: number;
    readonly told: number;
    readonly quiet_ms: number;
    readonly told_ms: number;
  }>(q.AlertIncidents, { channel, topics });
  return rows.map(({ message_ref, quiet_ms, told_ms, ...row }) => ({
    ...row,
    messageRef: message_ref,
    quietMs: quiet_ms,
    toldMs: told_ms,
  }));
}

export async function alertTold(
  tx: Queryable,
  { channel, messageRef, deliveryIds }: ToldOptions,
): Promise<Told> {
  const parameters = {
    channel,
    message_ref: messageRef ?? null,
    alert_delivery_ids: deliveryIds,
  };
  const things = await tx.many<ToldThing>(q.AlertMessageSummary, parameters);
  const counts = await tx.one<Omit<Told, "things">>(q.AlertMessageCounts, parameters);
  return { ...(counts ?? { failures: 0, runs: 0, dags: 0, alerts: 0 }), things };
}

const tailLines = 5;

export async function alertLogTail(
  tx: Queryable,
  taskInstanceId: string,
  tryNumber: number,
): Promise<readonly string[]> {
  const rows = await tx.many<{ readonly level: string; readonly message: string }>(q.AlertLogTail, {
    task_instance_id: taskInstanceId,
    try_number: tryNumber,
    lines: tailLines,
  });
  return rows.map(({ level, message }) => `${level} ${message}`);
}
