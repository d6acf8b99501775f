import { describe, expect, test } from "@jest/globals";
import { parseWakeKey, wakeKey } from "../../../packages/dag-core/src/definition/wake-key.ts";
import { runEnding, sinceOf } from "../../../packages/dag-core/src/rules/waits.ts";

const start = new Date("2026-01-05T00:00:00Z");

test.each([
  [{ kind: "event", name: "orders:approved.2026+1" }, "event:orders:approved.2026+1"],
  [
    { kind: "run", dagId: "a:b", runId: "manual__2026-01-05T00:00:00+00:00" },
    "run:a:b#manual__2026-01-05T00:00:00+00:00",
  ],
  [{ kind: "interval", dagId: "raw", start }, "run:raw@2026-01-05T00:00:00.000Z"],
] as const)("the key of %j is %s, and is read again", (awaited, key) => {
  expect(wakeKey(awaited)).toBe(key);
  expect(parseWakeKey(key)).toEqual(awaited);
});

test("another text is no key", () => {
  expect(() => parseWakeKey("orders")).toThrow('"orders" is no wake key');
});

test.each([
  [undefined, "2026-01-07T03:00:00.000Z"],
  ["run", "2026-01-07T03:00:00.000Z"],
  ["interval", "2026-01-05T00:00:00.000Z"],
  ["kept", "1970-01-01T00:00:00.000Z"],
] as const)("events count since %s", (since, expected) => {
  const run = { createdAt: new Date("2026-01-07T03:00:00Z"), intervalStart: start };
  expect(sinceOf(since ? { since } : {}, run).toISOString()).toBe(expected);
});

describe("the end of another run", () => {
  const other = (state: "success" | "failed" | "cancelled") => ({ dagId: "d", runId: "r", state });
  test.each([
    ["success", {}, "success"],
    ["failed", {}, "failed"],
    ["cancelled", {}, "failed"],
    ["failed", { states: ["success", "failed"] as const }, "success"],
    ["failed", { onFailure: "wait" as const }, undefined],
    ["success", { states: ["failed"] as const }, "failed"],
  ] as const)("%s under %j is %s", (state, wait, expected) => {
    expect(runEnding(wait, other(state))?.kind).toBe(expected);
  });
});
