import { setTimeout as pause } from "node:timers/promises";
import { isPutRight } from "../kernel/alert.ts";
import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { AlertStore, ClaimedDelivery } from "../store/alert.ts";
import type { Channel, ChannelMessage, EditResult, SendResult } from "./channel.ts";
import { messageOf, type ToldAlert, type Written } from "./message.ts";
import { type MessagePlan, planMessage, type PlanOptions } from "./plan-message.ts";
import { decide, type Decision } from "./policy.ts";
import { failureTopic } from "./routing.ts";
import { summaryMessage } from "./summary-message.ts";

export interface DeliveryServices extends PlanOptions {
  readonly store: AlertStore;
  readonly channel: Channel;
  readonly bus: EventBus;
  readonly redactor: Redactor;
}

/**
 * Sends the message of one claim and records what came of it.
 *
 * @returns how long the channel should take no other message, in milliseconds
 */
export async function deliver(
  services: DeliveryServices,
  deliveries: readonly ClaimedDelivery[],
  signal: AbortSignal,
): Promise<number> {
  const plan = await planOf(services, deliveries);
  if (plan.folded.length > 0) await recordFolded(services, plan.folded);
  if (plan.told.length === 0) return 0;
  const { result, rings } = await send(services, plan, signal);
  if (result.kind !== "sent") return recordRefused(services, plan.told, result);
  await recordSent(services, plan.told, result.ref ?? null, rings);
  return 0;
}

/** Only a channel whose messages can be changed remembers what it has told. */
async function planOf(
  services: DeliveryServices,
  deliveries: readonly ClaimedDelivery[],
): Promise<MessagePlan> {
  const { store, channel } = services;
  const topics = deliveries.flatMap((delivery) =>
    isPutRight(delivery.kind)
      ? [delivery.topic, failureTopic(delivery.payload.dagId)]
      : [delivery.topic],
  );
  const incidents = channel.edit ? await store.incidents(channel.name, [...new Set(topics)]) : [];
  return planMessage(deliveries, incidents, services);
}

interface Sent {
  readonly result: SendResult;
  readonly rings: boolean;
}

async function send(
  services: DeliveryServices,
  plan: MessagePlan,
  signal: AbortSignal,
): Promise<Sent> {
  try {
    const edited = await edit(services, plan, signal);
    if (edited && edited.kind !== "gone") return { result: edited, rings: false };
    const message = await compose(services, plan);
    const result = await plainly(message, (form) => services.channel.send(form, signal));
    return { result, rings: true };
  } catch (error) {
    const problem = services.redactor.redact(toError(error).message);
    const text = `The message could not be written: ${problem}`;
    return { result: { kind: "refused", error: text }, rings: true };
  }
}

/** Changes the message that has told of the topic, so that it tells of these too. */
async function edit(
  services: DeliveryServices,
  { told, editRef }: MessagePlan,
  signal: AbortSignal,
): Promise<EditResult | undefined> {
  const { channel, redactor } = services;
  if (editRef === undefined || !channel.edit) return undefined;
  const { html, text } = await summarise(services, told, editRef);
  const message = { ...masked(redactor, html, text), alerts: told, key: told[0]?.key ?? "" };
  const result = await plainly<EditResult>(
    message,
    async (form) => (await channel.edit?.(editRef, form, signal)) ?? { kind: "gone" },
  );
  // An edit that was made twice says the same.
  if (result.kind === "unanswered") return { kind: "unavailable", error: result.error };
  return result;
}

async function summarise(
  { store, channel }: DeliveryServices,
  told: readonly ClaimedDelivery[],
  messageRef?: string,
): Promise<Written> {
  const deliveryIds = told.map((delivery) => delivery.deliveryId);
  const all = await store.told({ channel: channel.name, messageRef, deliveryIds });
  return summaryMessage(all, told.at(-1)?.payload);
}

/** A text whose formatting is refused goes out without. */
async function plainly<R extends EditResult>(
  message: ChannelMessage,
  attempt: (message: ChannelMessage) => Promise<R>,
): Promise<R> {
  const result = await attempt(message);
  if (result.kind !== "unformatted" || message.html === undefined) return result;
  return attempt({ ...message, html: undefined });
}

const mostAlone = 8;

async function compose(
  services: DeliveryServices,
  { told, replyTo }: MessagePlan,
): Promise<ChannelMessage> {
  const { redactor } = services;
  const alerts = await withLogTail(services, told);
  const isLarge = told.length > mostAlone || new Set(told.map(runOf)).size > 1;
  const written = isLarge ? await summarise(services, told) : messageOf(alerts);
  const { html, text, document } = written;
  return {
    ...masked(redactor, html, text),
    ...(document && { document: { ...document, text: redactor.redact(document.text) } }),
    replyTo,
    alerts,
    key: told[0]?.key ?? "",
  };
}

const runOf = ({ payload }: ClaimedDelivery): string => `${payload.dagId}/${payload.runId}`;

/** Where one task failed, the end of its log says more than its error. */
async function withLogTail(
  { store, channel }: DeliveryServices,
  told: readonly ClaimedDelivery[],
): Promise<readonly ToldAlert[]> {
  const tasks = told.filter((delivery) => delivery.kind === "task_instance.failed");
  const [only] = tasks;
  const tryNumber = only?.payload.tryNumber;
  if (tasks.length !== 1 || !only || tryNumber === undefined || channel.isKeyed) return told;
  const log = await store.logTail(only.taskInstanceId, tryNumber);
  return told.map((delivery) => (delivery === only ? { ...delivery, log } : delivery));
}

const masked = (redactor: Redactor, html: string, text: string) => ({
  html: redactor.redact(html),
  text: redactor.redact(text),
});

async function recordFolded(
  { store, channel, bus }: DeliveryServices,
  folded: readonly ClaimedDelivery[],
): Promise<void> {
  const messageRef = folded[0]?.earlierRef ?? null;
  const options = { channel: channel.name, messageRef, rings: false };
  await persistently(() => store.delivered(folded, options));
  bus.emit("alert.folded", { channel: channel.name, alerts: folded.length });
}

async function recordSent(
  { store, channel, bus }: DeliveryServices,
  told: readonly ClaimedDelivery[],
  messageRef: string | null,
  rings: boolean,
): Promise<void> {
  const putRight = told.filter(({ kind }) => isPutRight(kind));
  const closedTopics = putRight.map(({ payload }) => failureTopic(payload.dagId));
  const options = { channel: channel.name, messageRef, rings, closedTopics };
  await persistently(() => store.delivered(told, options));
  const name = rings ? "alert.sent" : "alert.added";
  bus.emit(name, { channel: channel.name, alerts: told.length });
}

const eventOf = {
  pending: "alert.postponed",
  uncertain: "alert.uncertain",
  failed: "alert.failed",
} as const;

async function recordRefused(
  { store, channel, bus }: DeliveryServices,
  told: readonly ClaimedDelivery[],
  result: Exclude<SendResult, { readonly kind: "sent" }>,
): Promise<number> {
  const chance = Math.random();
  const decided = told.map((delivery) => ({
    delivery,
    decision: decide(result, delivery, chance),
  }));
  const alike = Object.values(Object.groupBy(decided, ({ decision }) => keyOf(decision)));
  for (const group of alike) {
    const retry = group?.[0]?.decision.retry;
    if (!group || !retry) continue;
    const deliveries = group.map(({ delivery }) => delivery);
    await persistently(() => store.retry(deliveries, retry));
    const { delayMs, error, state } = retry;
    bus.emit(eventOf[state], { channel: channel.name, alerts: group.length, error, delayMs });
  }
  const pauseMs = Math.max(0, ...decided.map(({ decision }) => decision.pauseMs));
  if (result.kind === "limited" && channel.chat !== undefined)
    await persistently(() => store.pause(channel.chat ?? "", pauseMs));
  return pauseMs;
}

const keyOf = (decision: Decision): string => JSON.stringify(decision);

const recordDelaysMs = [200, 500, 1_000, 2_000, 5_000];

/** What is known about a send is worth some patience: without it the send is repeated. */
async function persistently(record: () => Promise<unknown>): Promise<void> {
  for (const delayMs of recordDelaysMs) {
    try {
      await record();
      return;
    } catch {
      await pause(delayMs);
    }
  }
  await record();
}
