import { describe, expect, test } from "@jest/globals";
import {
  nextDueAt,
  nextLookAt,
  momentsMs,
} from "../../../packages/dag-core/src/scheduler/next-look.ts";

const at = (ms: number) => new Date(Date.UTC(2026, 2, 1) + ms);
/** A monotonic clock that stood at 5,000 as the database's stood at 0. */
const reading = { now: at(0), readAt: 5_000 };

describe("the next moment", () => {
  test("is the first of those to come, on this process's clock", () => {
    expect(nextDueAt(reading, [at(300), at(120), at(9_000)])).toBe(5_120);
  });

  test("is none of those that had come: what is due still could not be done", () => {
    expect(nextDueAt(reading, [at(0), at(-1), at(-60_000), at(40)])).toBe(5_040);
    expect(nextDueAt(reading, [at(0), at(-1)])).toBe(Infinity);
    expect(nextDueAt(reading, [])).toBe(Infinity);
  });
});

describe("the next look", () => {
  test.each([
    ["at the next moment", 1_300, 1_300],
    ["at the latest if there is none", Infinity, 2_010],
    ["at the latest if it is later", 2_011, 2_010],
    ["never right after the last, though the moment has passed", 990, 1_000 + momentsMs],
    ["nor for one that is a hair away", 1_000.1, 1_000 + momentsMs],
  ])("comes %s", (_, dueAt, expected) => {
    expect(nextLookAt({ lookedAt: 1_000, dueAt, latest: 2_010 })).toBe(expected);
  });

  test("does not wait for that gap where a look in any case comes first", () => {
    expect(nextLookAt({ lookedAt: 1_000, dueAt: 1_001, latest: 1_010 })).toBe(1_010);
  });
});
