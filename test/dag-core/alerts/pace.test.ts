import { describe, expect, test } from "@jest/globals";
import { sendDelayMs, type PaceLimits } from "../../../packages/dag-core/src/alerts/pace.ts";

const limits: PaceLimits = {
  all: { most: 30, windowMs: 1_000 },
  chat: { most: 1, windowMs: 1_000 },
  group: { most: 20, windowMs: 60_000 },
};
/** Ages of messages that were sent one after the other, the last one `last` milliseconds ago. */
const ages = (count: number, stepMs: number, last: number): number[] =>
  Array.from({ length: count }, (_, n) => last + n * stepMs);

describe("sendDelayMs", () => {
  test.each([
    ["the first message", [], [], 0, false, 0],
    ["a second after the last", [1_000], [1_000], 0, false, 0],
    ["within a second of the last", [300], [300], 0, false, 700],
    ["another chat within a second", [], [300], 0, false, 0],
    ["the 21st of a minute in a group", ages(20, 2_000, 2_000), [], 0, true, 20_000],
    ["the 20th of a minute in a group", ages(19, 2_000, 2_000), [], 0, true, 0],
    ["the 21st of a minute in a person's chat", ages(20, 2_000, 2_000), [], 0, false, 0],
    ["the 31st of a second over all chats", [], ages(30, 10, 10), 0, false, 700],
    ["a pause that the messenger asked for", [], [], 9_000, false, 9_000],
  ])("%s", (_name, toChat, toAll, pauseMs, toGroup, delay) => {
    expect(sendDelayMs({ toChat, toAll, pauseMs }, toGroup, limits)).toBe(delay);
  });
});
