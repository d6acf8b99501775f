import { describe, expect, test } from "@jest/globals";
import { tryTimes } from "../../../packages/dag-core/src/rules/try-times.ts";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds));

describe("the times of a try that was claimed at second 10 and stored at second 20", () => {
  test.each([
    ["as its process tells them", 11, 19, 11, 19],
    ["of a process that is an hour ahead", 3_611, 3_619, 12, 20],
    ["of a process that is an hour behind", -3_589, -3_581, 10, 18],
    ["of a process whose clock was set forward meanwhile", 11, 3_619, 10, 20],
    ["of a process whose clock was set back meanwhile", 11, -3_581, 11, 11],
    ["of one that never began", undefined, 15, 10, 15],
    ["of one that never began, an hour ahead", undefined, 3_615, 10, 20],
  ] as const)("%s", (_name, started, ended, startedAt, endedAt) => {
    const times = tryTimes({
      claimedAt: at(10),
      startedAt: started === undefined ? undefined : at(started),
      endedAt: at(ended),
      now: at(20),
    });
    expect(times).toEqual({ startedAt: at(startedAt), endedAt: at(endedAt) });
  });
});
