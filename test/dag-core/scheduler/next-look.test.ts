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
  test("is the first of those to come, on this process's clock, when a timer that is early has passed it too", () => {
    const kept = [at(300), at(120), at(9_000)];
    expect(nextDueAt(reading, { kept, next: null })).toBe(5_121);
    expect(nextDueAt(reading, { kept, next: at(90) })).toBe(5_091);
    expect(nextDueAt(reading, { kept, next: at(130) })).toBe(5_121);
  });

  test("is none of a schedule that was kept and has come all the same: it could not be done", () => {
    const kept = [at(0), at(-1), at(-60_000)];
    expect(nextDueAt(reading, { kept: [...kept, at(40)], next: null })).toBe(5_041);
    expect(nextDueAt(reading, { kept, next: null })).toBe(Infinity);
    expect(nextDueAt(reading, { kept: [], next: null })).toBe(Infinity);
  });

  test("is at once where it came between the begin of the statement and its clock", () => {
    expect(nextDueAt(reading, { kept: [], next: at(-1) })).toBe(5_001);
    expect(nextDueAt(reading, { kept: [], next: at(0) })).toBe(5_001);
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
