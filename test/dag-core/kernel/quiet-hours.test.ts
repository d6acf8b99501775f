import { describe, expect, test } from "@jest/globals";
import { parseQuietHours, quietUntil } from "../../../packages/dag-core/src/kernel/quiet-hours.ts";

describe("quietUntil", () => {
  test.each([
    ["before the evening", "22:00-07:00 Europe/Berlin", "2026-01-10T20:59:59Z", undefined],
    [
      "in the evening",
      "22:00-07:00 Europe/Berlin",
      "2026-01-10T21:00Z",
      "2026-01-11T06:00:00.000Z",
    ],
    [
      "in the morning",
      "22:00-07:00 Europe/Berlin",
      "2026-01-11T05:59Z",
      "2026-01-11T06:00:00.000Z",
    ],
    ["at their end", "22:00-07:00 Europe/Berlin", "2026-01-11T06:00Z", undefined],
    [
      "in the night that is shorter",
      "22:00-07:00 Europe/Berlin",
      "2026-03-28T22:00Z",
      "2026-03-29T05:00:00.000Z",
    ],
    [
      "in the night that is longer",
      "22:00-07:00 Europe/Berlin",
      "2026-10-24T21:00Z",
      "2026-10-25T06:00:00.000Z",
    ],
    [
      "until an hour that a night has not",
      "00:00-02:30 Europe/Berlin",
      "2026-03-29T00:30Z",
      "2026-03-29T01:30:00.000Z",
    ],
    ["within one day", "12:00-13:00 UTC", "2026-01-10T12:30Z", "2026-01-10T13:00:00.000Z"],
    ["outside of hours within one day", "12:00-13:00 UTC", "2026-01-10T13:30Z", undefined],
    ["where the zone is left out", "12:00-13:00", "2026-01-10T12:30Z", "2026-01-10T13:00:00.000Z"],
  ])("%s", (_name, text, now, end) => {
    const hours = parseQuietHours(text);
    if (!hours) throw new Error(`${text} are no quiet hours`);
    expect(quietUntil(hours, new Date(now))?.toISOString()).toBe(end);
  });
});

test.each(["22-07", "24:00-07:00", "22:00-22:00 UTC", "22:00-07:00 Mars/Base", ""])(
  "%j are no quiet hours",
  (text) => {
    expect(parseQuietHours(text)).toBeUndefined();
  },
);
