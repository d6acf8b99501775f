import { createHash } from "node:crypto";
import type { TaskManifest } from "../definition/manifest.ts";

/** Parts of a task's manifest that say whether and when it is tried again. */
export type RetryPolicyManifest = Pick<
  TaskManifest,
  "retryDelayMs" | "retryBackoff" | "maxRetryDelayMs" | "retryJitter"
>;

/** What the deterministic jitter is made from: the same try gets the same delay. */
export interface RetryIdentity {
  readonly dagId: string;
  readonly taskId: string;
  /** Null: a run without one. */
  readonly logicalDate: Date | null;
  readonly tryNumber: number;
  /** Given for an instance of a mapped task, so that its siblings spread. */
  readonly mapIndex?: number;
}

export interface RetryDecisionOptions {
  readonly policy: RetryPolicyManifest;
  /** What the attempt asked for: by policy, not again, or again after a delay of its own (in ms). */
  readonly outcomeRetry: "policy" | "never" | { readonly afterMs: number };
  /** Number of the try that failed, from 1, over the whole life of the task instance. */
  readonly tryNumber: number;
  /** The same, counted from the last clear; what delays grow with. */
  readonly triesSinceClear: number;
  /** Last try that another may follow, as Airflow counts: the retries, or after a clear the tries until then more. */
  readonly maxTries: number;
  readonly identity: RetryIdentity;
  /** In [0, 1), for jitter `equal` and `full`. Defaults to a value made from the identity. */
  readonly random?: number;
}

export type RetryDecision =
  | { readonly decision: "retry"; readonly delayMs: number; readonly reason: string }
  | { readonly decision: "fail"; readonly reason: string };

/** No delay of a policy is longer than a day. */
const longestDelayMs = 86_400_000;

/**
 * Whether a failed try is followed by another one, and after which delay.
 *
 * @example retryDecision({ policy, outcomeRetry: "policy", tryNumber: 1, triesSinceClear: 1, maxTries: 3, identity })
 */
export function retryDecision(options: RetryDecisionOptions): RetryDecision {
  const { outcomeRetry, tryNumber, maxTries } = options;
  if (outcomeRetry === "never") return { decision: "fail", reason: "the task asked for no retry" };
  if (tryNumber > maxTries) {
    return { decision: "fail", reason: `try ${tryNumber} of ${maxTries + 1} was the last` };
  }
  const reason = `try ${tryNumber} of ${maxTries + 1} failed`;
  if (typeof outcomeRetry === "object") {
    return { decision: "retry", delayMs: outcomeRetry.afterMs, reason: `${reason}, delay by task` };
  }
  return { decision: "retry", delayMs: policyDelayMs(options), reason };
}

function policyDelayMs(options: RetryDecisionOptions): number {
  const { policy, identity } = options;
  const cap = Math.min(policy.maxRetryDelayMs, longestDelayMs);
  if (policy.retryJitter === "airflow" && policy.retryBackoff === "exponential") {
    return Math.min(airflowDelayMs(options), cap);
  }
  const base = Math.min(baseDelayMs(options), cap);
  const random = options.random ?? fractionOf(identity);
  switch (policy.retryJitter) {
    case "equal":
      return Math.round(base / 2 + (base / 2) * random);
    case "full":
      return Math.round(base * random);
    case "none":
    case "airflow":
      return base;
  }
}

function baseDelayMs({ policy, triesSinceClear }: RetryDecisionOptions): number {
  const growth = policy.retryBackoff === "exponential" ? 2 ** (triesSinceClear - 1) : 1;
  return policy.retryDelayMs * growth;
}

/** Airflow's exponential delay in whole seconds: from the base up to twice the base, spread by a hash. */
function airflowDelayMs(options: RetryDecisionOptions): number {
  const seconds = Math.max(1, Math.ceil(baseDelayMs(options) / 1_000));
  if (seconds * 1_000 >= longestDelayMs) return longestDelayMs;
  const spread = Number(BigInt(`0x${identityHash(options.identity)}`) % BigInt(seconds));
  return (seconds + spread) * 1_000;
}

function identityHash({ dagId, taskId, logicalDate, tryNumber, mapIndex }: RetryIdentity): string {
  const parts = [dagId, taskId, airflowDate(logicalDate), tryNumber];
  if (mapIndex !== undefined && mapIndex >= 0) parts.push(mapIndex);
  return createHash("sha1").update(parts.join("#")).digest("hex");
}

/** The date as Airflow prints it into the text that it hashes. */
function airflowDate(date: Date | null): string {
  if (date === null) return "None";
  const [day, time = ""] = date.toISOString().replace("Z", "").split("T");
  const fraction = time.endsWith(".000") ? "" : `${time.slice(8)}000`;
  return `${day} ${time.slice(0, 8)}${fraction}+00:00`;
}

function fractionOf(identity: RetryIdentity): number {
  return Number.parseInt(identityHash(identity).slice(0, 8), 16) / 2 ** 32;
}
