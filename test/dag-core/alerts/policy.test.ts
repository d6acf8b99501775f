import { describe, expect, test } from "@jest/globals";
import {
  backoffMs,
  decide,
  giveUpAfterMs,
  planMessage,
  sendDelayMs,
} from "../../../packages/dag-core/src/alerts/policy.ts";
import type { ClaimedDelivery } from "../../../packages/dag-core/src/store/alert.ts";

const sends = (chat: string, ...times: number[]) => times.map((at) => ({ chat, at }));
const every = (count: number, stepMs: number): number[] =>
  Array.from({ length: count }, (_, n) => n * stepMs);

describe("sendDelayMs", () => {
  test.each([
    ["the first message", [], "42", 5_000, 0],
    ["a second after the last", sends("42", 4_000), "42", 5_000, 0],
    ["within a second of the last", sends("42", 4_700), "42", 5_000, 700],
    ["another chat within a second", sends("43", 4_700), "42", 5_000, 0],
    ["the 21st of a minute in a group", sends("-42", ...every(20, 2_000)), "-42", 40_000, 20_000],
    ["the 21st of a minute in a channel", sends("@x", ...every(20, 2_000)), "@x", 40_000, 20_000],
    ["the 20th of a minute in a group", sends("-42", ...every(19, 2_000)), "-42", 40_000, 0],
    ["the 21st of a minute in a person's chat", sends("42", ...every(20, 2_000)), "42", 40_000, 0],
    [
      "the 31st of a second over all chats",
      every(30, 10).map((at, n) => ({ chat: String(n), at })),
      "99",
      300,
      700,
    ],
  ])("%s", (_name, past, chat, now, delay) => {
    expect(sendDelayMs(past, chat, now)).toBe(delay);
  });
});

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
  expect([1, 2, 3, 8, 9, 10, 5_000].map(backoffMs)).toEqual([
    2_000, 4_000, 8_000, 256_000, 512_000, 600_000, 600_000,
  ]);
});

describe("planMessage", () => {
  const delivery = (kind: ClaimedDelivery["kind"], isTold = false): ClaimedDelivery => ({
    deliveryId: "1",
    attempts: 1,
    unanswered: 0,
    claim: "c",
    kind,
    payload: { dagId: "orders", runId: "r1", reason: "error", timezone: "UTC" },
    ageMs: 0,
    earlierRef: null,
    isTold,
  });

  test.each([
    [
      "a failed task and its run make one message",
      [delivery("task_instance.failed"), delivery("dag_run.failed")],
      2,
      0,
    ],
    ["a run whose failed task was told makes none", [delivery("dag_run.failed", true)], 0, 1],
    [
      "beside another failed task it goes along",
      [delivery("task_instance.failed"), delivery("dag_run.failed", true)],
      2,
      0,
    ],
    ["a run that failed by itself makes one", [delivery("dag_run.failed")], 1, 0],
  ])("%s", (_name, deliveries, told, folded) => {
    const plan = planMessage(deliveries);
    expect([plan.told.length, plan.folded.length]).toEqual([told, folded]);
  });
});
