import type { ClaimedDelivery, DeliveryRetry } from "../store/alert.ts";
import type { SendResult } from "./channel.ts";

/** A message that went out: to which chat, and when, in milliseconds of a clock that never goes back. */
export interface PastSend {
  readonly chat: string;
  readonly at: number;
}

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

interface Limit {
  readonly most: number;
  readonly windowMs: number;
}
const limitOfBot: Limit = { most: 30, windowMs: secondMs };
const limitOfChat: Limit = { most: 1, windowMs: secondMs };
const limitOfGroup: Limit = { most: 20, windowMs: minuteMs };

/** How long a past send still counts. */
export const longestWindowMs = minuteMs;

/** Groups and channels have negative ids or names; a person's chat has a positive id. */
const isGroup = (chat: string): boolean => !/^\d/.test(chat);

/**
 * How long to wait before the next message to a chat, in milliseconds, so that Telegram's limits
 * hold: 30 messages a second in all, one a second for each chat, 20 a minute for a group.
 *
 * @param sends Messages of the last minute, to all chats.
 */
export function sendDelayMs(sends: readonly PastSend[], chat: string, now: number): number {
  const toChat = sends.filter((send) => send.chat === chat);
  const delays = [waitMs(sends, limitOfBot, now), waitMs(toChat, limitOfChat, now)];
  if (isGroup(chat)) delays.push(waitMs(toChat, limitOfGroup, now));
  return Math.max(...delays);
}

/** Until the oldest of the last `most` sends leaves the window. */
function waitMs(sends: readonly PastSend[], { most, windowMs }: Limit, now: number): number {
  const times = sends.map((send) => send.at).sort((a, b) => a - b);
  const oldest = times.at(-most);
  return oldest === undefined ? 0 : Math.max(0, oldest + windowMs - now);
}

/** What the deliveries of one claim come to. */
export interface Plan {
  /** One message tells of all of these. */
  readonly told: readonly ClaimedDelivery[];
  /** Need no message: an earlier one has said it. */
  readonly folded: readonly ClaimedDelivery[];
}

/**
 * Which of a run's alerts make the message. A run that failed because of a task that people were
 * told of is no news by itself; beside other news of the run it goes along.
 */
export function planMessage(deliveries: readonly ClaimedDelivery[]): Plan {
  const isNews = (delivery: ClaimedDelivery): boolean => !delivery.isTold;
  if (deliveries.some(isNews)) return { told: deliveries, folded: [] };
  return { told: [], folded: deliveries };
}

/** The wait before attempt `attempts + 1`, in milliseconds: 2 s, doubled each time, at most 10 minutes. */
export function backoffMs(attempts: number): number {
  return Math.min(10 * minuteMs, 2 * secondMs * 2 ** Math.min(attempts - 1, 20));
}

const slowRetryMs = hourMs;
const uncertainRetryMs = 30 * secondMs;
/** An alert that could not be delivered for so long is news no more. */
export const giveUpAfterMs = 72 * hourMs;

export interface Decision {
  readonly retry: DeliveryRetry;
  /** How long the channel as a whole takes no message, in milliseconds. */
  readonly pauseMs: number;
}

/** What to do with a delivery after an answer that was not "sent". */
export function decide(
  result: Exclude<SendResult, { readonly kind: "sent" }>,
  delivery: Pick<ClaimedDelivery, "attempts" | "unanswered" | "ageMs">,
): Decision {
  if (result.kind === "unanswered") return unanswered(result.error, delivery.unanswered);
  if (delivery.ageMs > giveUpAfterMs) {
    const error = `${result.error} (given up after 72 hours)`;
    return { retry: { state: "failed", error, isUnanswered: false }, pauseMs: 0 };
  }
  return notTaken(result, delivery.attempts);
}

function notTaken(
  result: Exclude<SendResult, { readonly kind: "sent" | "unanswered" }>,
  attempts: number,
): Decision {
  const { error } = result;
  const later = (state: "pending" | "failed", delayMs: number, pauseMs = 0): Decision => ({
    retry: { state, error, delayMs, isUnanswered: false },
    pauseMs,
  });
  switch (result.kind) {
    case "limited":
      return later("pending", result.retryAfterMs, result.retryAfterMs);
    case "unavailable":
      return later("pending", backoffMs(attempts), Math.min(backoffMs(attempts), 30 * secondMs));
    case "refused":
    case "unformatted":
      return later("failed", slowRetryMs);
  }
}

function unanswered(error: string, earlier: number): Decision {
  const isLast = earlier > 0;
  const retry: DeliveryRetry = {
    state: isLast ? "failed" : "uncertain",
    error: isLast ? `${error} (twice; the message may have arrived)` : error,
    delayMs: isLast ? undefined : uncertainRetryMs,
    isUnanswered: true,
  };
  return { retry, pauseMs: 0 };
}
