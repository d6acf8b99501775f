import { describe, expect, test } from "@jest/globals";
import { backoffMs, decide, giveUpAfterMs } from "../../../packages/dag-core/src/alerts/policy.ts";

describe("decide", () => {
  const fresh = { attempts: 1, unanswered: 0, ageMs: 0 };
  const error = "why";

  test.each([
    [
      "limited waits as long as told, with the whole channel",
      { kind: "limited", retryAfterMs: 7_000, error } as const,
      fresh,
      { retry: { state: "pending", error, delayMs: 7_000, isUnanswered: false }, pauseMs: 7_000 },
    ],
    [
      "unavailable backs off",
      { kind: "unavailable", error } as const,
      { ...fresh, attempts: 3 },
      { retry: { state: "pending", error, delayMs: 8_000, isUnanswered: false }, pauseMs: 8_000 },
    ],
    [
      "refused is failed and tried slowly",
      { kind: "refused", error } as const,
      fresh,
      { retry: { state: "failed", error, delayMs: 3_600_000, isUnanswered: false }, pauseMs: 0 },
    ],
    [
      "unformatted even as plain text likewise",
      { kind: "unformatted", error } as const,
      fresh,
      { retry: { state: "failed", error, delayMs: 3_600_000, isUnanswered: false }, pauseMs: 0 },
    ],
    [
      "unanswered is uncertain and repeated once",
      { kind: "unanswered", error } as const,
      fresh,
      { retry: { state: "uncertain", error, delayMs: 30_000, isUnanswered: true }, pauseMs: 0 },
    ],
    [
      "unanswered again is given up",
      { kind: "unanswered", error } as const,
      { ...fresh, attempts: 2, unanswered: 1 },
      {
        retry: {
          state: "failed",
          error: "why (twice; the message may have arrived)",
          delayMs: undefined,
          isUnanswered: true,
        },
        pauseMs: 0,
      },
    ],
    [
      "an old alert is given up",
      { kind: "unavailable", error } as const,
      { ...fresh, ageMs: giveUpAfterMs + 1 },
      {
        retry: { state: "failed", error: "why (given up after 72 hours)", isUnanswered: false },
        pauseMs: 0,
      },
    ],
  ])("%s", (_name, result, delivery, decision) => {
    expect(decide(result, delivery)).toEqual(decision);
  });

  test("a limit after an unanswered send does not count as unanswered", () => {
    const result = { kind: "limited", retryAfterMs: 1_000, error } as const;
    expect(decide(result, { ...fresh, unanswered: 1 }).retry.isUnanswered).toBe(false);
  });
});

test("the back-off doubles up to ten minutes, however many attempts there were", () => {
  expect([1, 2, 3, 8, 9, 10, 5_000].map((n) => backoffMs(n))).toEqual([
    2_000, 4_000, 8_000, 256_000, 512_000, 600_000, 600_000,
  ]);
});

test("chance lengthens a back-off by a fifth at most", () => {
  expect(backoffMs(1, 0.5)).toBe(2_200);
  expect(backoffMs(10, 1)).toBe(720_000);
});
