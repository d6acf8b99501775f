import { describe, expect, test } from "@jest/globals";
import { namedInterval } from "../../../packages/dag-core/src/timetable/named-interval.ts";
import {
  parseSchedule,
  timetableOf,
} from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { Schedule } from "../../../packages/dag-core/src/timetable/schedule-spec.ts";

function named(schedule: Schedule, timezone: string, text: string): string | undefined {
  const source = { schedule: parseSchedule(schedule), timezone, startDate: "2000-01-01T00:00:00Z" };
  const found = namedInterval(timetableOf(source), text, timezone);
  return found && [found.start, found.end].map((at) => at.toISOString().slice(5, 16)).join("/");
}

const berlin = "Europe/Berlin";
const instants = { cron: "30 2 * * *", interval: "none" } as const;
const both = { cron: "30 2 * * *", overlap: "both" } as const;

describe("a date means the interval whose logical date lies on that day, in the zone of the DAG", () => {
  test.each<[string, Schedule, string, string, string | undefined]>([
    ["a day of 23 hours", "@daily", berlin, "2026-03-29", "03-28T23:00/03-29T22:00"],
    ["the day after it", "@daily", berlin, "2026-03-30", "03-29T22:00/03-30T22:00"],
    ["a day of 25 hours", "@daily", berlin, "2026-10-25", "10-24T22:00/10-25T23:00"],
    ["a tick in the gap", "30 2 * * *", berlin, "2026-03-29", "03-29T01:30/03-30T00:30"],
    ["a tick in the overlap", "30 2 * * *", berlin, "2026-10-25", "10-25T01:30/10-26T01:30"],
    ["a tick in the overlap, both", both, berlin, "2026-10-25", "10-25T00:30/10-25T01:30"],
    ["an instant in the gap", instants, berlin, "2026-03-29", "03-29T01:30/03-29T01:30"],
    ["the first hour of a day", "@hourly", berlin, "2026-03-29", "03-28T23:00/03-29T00:00"],
    ["a week that begins before", "@weekly", berlin, "2026-03-31", "03-28T23:00/04-04T22:00"],
    ["a month", "@monthly", berlin, "2026-03-29", "02-28T23:00/03-31T22:00"],
    [
      "midnight that does not exist",
      "@daily",
      "America/Sao_Paulo",
      "2017-10-15",
      "10-15T03:00/10-16T02:00",
    ],
    [
      "a day of half an hour less",
      "@daily",
      "Australia/Lord_Howe",
      "2026-10-04",
      "10-03T13:30/10-04T13:00",
    ],
    [
      "the day before the lost one",
      "@daily",
      "Pacific/Apia",
      "2011-12-29",
      "12-29T10:00/12-30T10:00",
    ],
    ["the day after it", "@daily", "Pacific/Apia", "2011-12-31", "12-30T10:00/12-31T10:00"],
    ["a day in Kathmandu", "@daily", "Asia/Kathmandu", "2026-03-29", "03-28T18:15/03-29T18:15"],
    ["a DAG without schedule", null, berlin, "2026-03-29", undefined],
  ])("%s", (_name, schedule, timezone, text, expected) => {
    expect(named(schedule, timezone, text)).toBe(expected);
  });
});

describe("a time means the interval that contains it", () => {
  test.each<[string, Schedule, string, string | undefined]>([
    ["2026-03-29T12:00", "@daily", berlin, "03-28T23:00/03-29T22:00"],
    ["2026-03-29T02:30", "@hourly", berlin, "03-29T01:00/03-29T02:00"],
    ["2026-10-25T02:30", "@hourly", berlin, "10-25T01:00/10-25T02:00"],
    ["2026-10-25T02:30+02:00", "@hourly", berlin, "10-25T00:00/10-25T01:00"],
    ["2026-03-29T22:00Z", "@daily", berlin, "03-29T22:00/03-30T22:00"],
    ["2026-03-29T12:00", instants, berlin, undefined],
  ])("%s", (text, schedule, timezone, expected) => {
    expect(named(schedule, timezone, text)).toBe(expected);
  });
});
