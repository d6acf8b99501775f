import { expect, test } from "@jest/globals";
import { spanOfUpdates } from "../../../packages/dag-core/src/rules/assets.ts";

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const now = at(20);

test.each([
  ["one producing run", [{ start: at(1), end: at(2) }], { start: at(1), end: at(2) }],
  [
    "several, in any order",
    [
      { start: at(3), end: at(4) },
      { start: at(1), end: at(2) },
    ],
    { start: at(1), end: at(4) },
  ],
  ["updates from outside", [{ start: null, end: null }], { start: now, end: now }],
  [
    "both",
    [
      { start: null, end: null },
      { start: at(1), end: at(2) },
    ],
    { start: at(1), end: at(2) },
  ],
])("the span of updates by %s", (_, updates, expected) => {
  expect(spanOfUpdates(updates, now)).toEqual(expected);
});
