import { expect, test } from "@jest/globals";
import { formatMs } from "../../../packages/dag-core/src/kernel/duration.ts";

test.each([
  [0, "0ms"],
  [999.4, "999ms"],
  [999.6, "1.0s"],
  [1_000, "1.0s"],
  [59_949, "59.9s"],
  [59_960, "1m 0s"],
  [60_000, "1m 0s"],
  [93_000, "1m 33s"],
  [3_599_600, "1h 0m"],
  [90_061_000, "1d 1h"],
])("%d ms are %s", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});
