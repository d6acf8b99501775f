import { setTimeout as pause } from "node:timers/promises";
import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { AlertStore, ClaimedDelivery } from "../store/alert.ts";
import type { Channel, ChannelMessage, SendResult } from "./channel.ts";
import { messageOf } from "./message.ts";
import { decide, planMessage, type Decision } from "./policy.ts";

export interface DeliveryServices {
  readonly store: AlertStore;
  readonly channel: Channel;
  readonly bus: EventBus;
  readonly redactor: Redactor;
  /** Called for every request that goes out, so that the next ones keep their distance. */
  readonly onSend: () => void;
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
  const { told, folded } = planMessage(deliveries);
  if (folded.length > 0) await recordFolded(services, folded);
  if (told.length === 0) return 0;
  const result = await send(services, told, signal);
  if (result.kind === "sent") return recordSent(services, told, result.ref ?? null);
  return recordRefused(services, told, result);
}

async function send(
  services: DeliveryServices,
  told: readonly ClaimedDelivery[],
  signal: AbortSignal,
): Promise<SendResult> {
  const { channel, onSend } = services;
  const attempt = (message: ChannelMessage): Promise<SendResult> => {
    onSend();
    return channel.send(message, signal);
  };
  try {
    const message = compose(services.redactor, told);
    const result = await attempt(message);
    return result.kind === "unformatted" && message.html !== undefined
      ? await attempt({ ...message, html: undefined })
      : result;
  } catch (error) {
    const problem = services.redactor.redact(toError(error).message);
    return { kind: "refused", error: `The message could not be written: ${problem}` };
  }
}

function compose(redactor: Redactor, told: readonly ClaimedDelivery[]): ChannelMessage {
  const { html, text } = messageOf(told);
  const recovery = told.find((delivery) => delivery.kind === "dag_run.succeeded");
  return {
    html: redactor.redact(html),
    text: redactor.redact(text),
    replyTo: recovery?.earlierRef ?? undefined,
  };
}

async function recordFolded(
  { store, channel, bus }: DeliveryServices,
  folded: readonly ClaimedDelivery[],
): Promise<void> {
  await persistently(() => store.delivered(folded, folded[0]?.earlierRef ?? null));
  bus.emit("alert.folded", { channel: channel.name, alerts: folded.length });
}

async function recordSent(
  { store, channel, bus }: DeliveryServices,
  told: readonly ClaimedDelivery[],
  ref: string | null,
): Promise<number> {
  await persistently(() => store.delivered(told, ref));
  bus.emit("alert.sent", { channel: channel.name, alerts: told.length });
  return 0;
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
  const decided = told.map((delivery) => ({ delivery, decision: decide(result, delivery) }));
  const alike = Object.values(Object.groupBy(decided, ({ decision }) => keyOf(decision)));
  for (const group of alike) {
    const retry = group?.[0]?.decision.retry;
    if (!group || !retry) continue;
    const deliveries = group.map(({ delivery }) => delivery);
    await persistently(() => store.retry(deliveries, retry));
    const { delayMs, error, state } = retry;
    bus.emit(eventOf[state], { channel: channel.name, alerts: group.length, error, delayMs });
  }
  return Math.max(0, ...decided.map(({ decision }) => decision.pauseMs));
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
