import type { ClaimedDelivery, DeliveryRetry } from "../store/alert.ts";
import type { SendResult } from "./channel.ts";

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/**
 * The wait before attempt `attempts + 1`, in milliseconds: 2 s, doubled each time, at most 10 minutes, and up to a
 * fifth more by chance, so that many do not come back together.
 *
 * @param chance From 0 to 1.
 */
export function backoffMs(attempts: number, chance = 0): number {
  const delayMs = Math.min(10 * minuteMs, 2 * secondMs * 2 ** Math.min(attempts - 1, 20));
  return Math.round(delayMs * (1 + chance / 5));
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

/**
 * What to do with a delivery after an answer that was not "sent".
 *
 * @param chance From 0 to 1, for the back-off.
 */
export function decide(
  result: Exclude<SendResult, { readonly kind: "sent" }>,
  delivery: Pick<ClaimedDelivery, "attempts" | "unanswered" | "ageMs">,
  chance = 0,
): Decision {
  if (result.kind === "unanswered") return unanswered(result.error, delivery.unanswered);
  if (delivery.ageMs > giveUpAfterMs) {
    const error = `${result.error} (given up after 72 hours)`;
    return { retry: { state: "failed", error, isUnanswered: false }, pauseMs: 0 };
  }
  return notTaken(result, backoffMs(delivery.attempts, chance));
}

function notTaken(
  result: Exclude<SendResult, { readonly kind: "sent" | "unanswered" }>,
  backMs: number,
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
      return later("pending", backMs, Math.min(backMs, 30 * secondMs));
    case "dead":
      return { retry: { state: "failed", error, isUnanswered: false }, pauseMs: 0 };
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
