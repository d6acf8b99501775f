import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  retryDecision,
  type RetryDecisionOptions,
  type RetryPolicyManifest,
} from "../../../packages/dag-core/src/rules/retry.ts";

const second = 1_000;
const day = 86_400 * second;
const identity = {
  dagId: "orders",
  taskId: "load",
  logicalDate: new Date("2026-01-05T00:00:00Z"),
  tryNumber: 1,
};

function policy(changes: Partial<RetryPolicyManifest> = {}): RetryPolicyManifest {
  return {
    retryDelayMs: 300 * second,
    retryBackoff: "fixed",
    retryJitter: "none",
    maxRetryDelayMs: day,
    ...changes,
  };
}

function decide(changes: Partial<RetryDecisionOptions> = {}) {
  const tryNumber = changes.tryNumber ?? 1;
  return retryDecision({
    policy: policy(),
    outcomeRetry: "policy",
    tryNumber,
    triesSinceClear: tryNumber,
    maxTries: 3,
    identity: { ...identity, tryNumber },
    ...changes,
  });
}

function delayOf(changes: Partial<RetryDecisionOptions>): number {
  const decision = decide(changes);
  if (decision.decision === "fail") throw new Error(decision.reason);
  return decision.delayMs;
}

const exponential = (changes: Partial<RetryPolicyManifest> = {}) =>
  policy({ retryBackoff: "exponential", ...changes });

describe("whether a try is followed by another", () => {
  test.each([
    { name: "no retries", tryNumber: 1, maxTries: 0, decision: "fail" },
    { name: "the first of two", tryNumber: 1, maxTries: 1, decision: "retry" },
    { name: "the second of two", tryNumber: 2, maxTries: 1, decision: "fail" },
    { name: "the first after a clear at try 4", tryNumber: 5, maxTries: 5, decision: "retry" },
    { name: "the second after a clear at try 4", tryNumber: 6, maxTries: 5, decision: "fail" },
  ])("$name: $decision", ({ tryNumber, maxTries, decision }) => {
    expect(decide({ tryNumber, maxTries }).decision).toBe(decision);
  });

  test("a task that asked for no retry fails with tries left", () => {
    expect(decide({ outcomeRetry: "never" })).toEqual({
      decision: "fail",
      reason: "the task asked for no retry",
    });
  });

  test("a task that asks for another try needs one left, and chooses its delay past any cap", () => {
    const outcomeRetry = { afterMs: 2 * day };
    expect(delayOf({ outcomeRetry })).toBe(2 * day);
    expect(decide({ outcomeRetry, tryNumber: 4 }).decision).toBe("fail");
  });
});

describe("delays", () => {
  test("fixed stays the same", () => {
    const delays = [1, 2, 3].map((tryNumber) => delayOf({ tryNumber }));
    expect(delays).toEqual([300 * second, 300 * second, 300 * second]);
  });

  test("exponential without jitter doubles", () => {
    const delays = [1, 2, 3, 4, 5].map((tryNumber) =>
      delayOf({ policy: exponential(), tryNumber, maxTries: 9 }),
    );
    expect(delays.map((ms) => ms / second)).toEqual([300, 600, 1200, 2400, 4800]);
  });

  test("the exponent counts tries since the last clear", () => {
    expect(delayOf({ policy: exponential(), tryNumber: 9, triesSinceClear: 1, maxTries: 12 })).toBe(
      300 * second,
    );
  });

  test.each([
    { random: 0, equal: 150, full: 0 },
    { random: 0.5, equal: 225, full: 150 },
    { random: 0.999, equal: 299.85, full: 299.7 },
  ])("random $random: equal keeps half, full keeps nothing", ({ random, equal, full }) => {
    const with_ = (retryJitter: "equal" | "full") =>
      delayOf({ policy: policy({ retryJitter }), random }) / second;
    expect(with_("equal")).toBeCloseTo(equal, 2);
    expect(with_("full")).toBeCloseTo(full, 2);
  });

  test("without a random value the same try gets the same delay, another try another one", () => {
    const full = (tryNumber: number) =>
      delayOf({ policy: policy({ retryJitter: "full" }), tryNumber });
    expect(full(1)).toBe(full(1));
    expect(full(1)).not.toBe(full(2));
  });

  test.each([
    ["fixed", "none"],
    ["exponential", "none"],
    ["exponential", "airflow"],
    ["exponential", "full"],
  ] as const)("%s with jitter %s keeps to the cap", (retryBackoff, retryJitter) => {
    const capped = policy({ retryBackoff, retryJitter, maxRetryDelayMs: 60 * second });
    const delay = delayOf({ policy: capped, tryNumber: 8, maxTries: 9, random: 0.999 });
    expect(delay).toBeLessThanOrEqual(60 * second);
    expect(delay).toBeGreaterThan(59 * second);
  });

  test.each(["none", "airflow"] as const)("try 2000 with jitter %s waits a day", (retryJitter) => {
    const grown = exponential({ retryJitter, maxRetryDelayMs: 9 * day });
    expect(delayOf({ policy: grown, tryNumber: 2_000, maxTries: 3_000 })).toBe(day);
  });
});

describe("the delay of Airflow's exponential retries", () => {
  const rows = [1, 10, 60, 300].flatMap((delay) =>
    [1, 2, 3, 4, 5].map((tryNumber) => ({ delay, tryNumber, least: delay * 2 ** (tryNumber - 1) })),
  );

  test.each(rows)("$delay s, try $tryNumber: from $least s to below twice that", (row) => {
    const retry = exponential({ retryJitter: "airflow", retryDelayMs: row.delay * second });
    const delay = delayOf({ policy: retry, tryNumber: row.tryNumber, maxTries: 9 }) / second;
    expect(delay).toBeGreaterThanOrEqual(row.least);
    expect(delay).toBeLessThanOrEqual(2 * row.least - 1);
  });

  test("is the base plus the hash of the try modulo the base", () => {
    const text = "orders#load#2026-01-05 00:00:00+00:00#3";
    const hash = BigInt(`0x${createHash("sha1").update(text).digest("hex")}`);
    const retry = exponential({ retryJitter: "airflow" });
    expect(delayOf({ policy: retry, tryNumber: 3 })).toBe((1200 + Number(hash % 1200n)) * second);
  });

  test("a run without logical date hashes None", () => {
    const hash = BigInt(`0x${createHash("sha1").update("orders#load#None#1").digest("hex")}`);
    const retry = exponential({ retryJitter: "airflow" });
    const nameless = { ...identity, logicalDate: null };
    expect(delayOf({ policy: retry, identity: nameless })).toBe(
      (300 + Number(hash % 300n)) * second,
    );
  });

  test("a fixed delay has no such jitter", () => {
    expect(delayOf({ policy: policy({ retryJitter: "airflow" }) })).toBe(300 * second);
  });

  test("instances of a mapped task spread", () => {
    const retry = exponential({ retryJitter: "airflow" });
    const delays = [0, 1, 2, 3].map((mapIndex) =>
      delayOf({ policy: retry, identity: { ...identity, mapIndex } }),
    );
    expect(new Set(delays).size).toBeGreaterThan(1);
  });
});
