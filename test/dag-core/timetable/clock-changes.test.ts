import { describe, expect, test } from "@jest/globals";
import {
  type ClockChange,
  clockChanges,
} from "../../../packages/dag-core/src/timetable/clock-changes.ts";
import { parseSchedule } from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { Schedule } from "../../../packages/dag-core/src/timetable/schedule-spec.ts";

const minute = (at: Date) => at.toISOString().slice(5, 16);
const hours = (ms: number) => ms / 3_600_000;

function said(change: ClockChange): string {
  if (change.kind === "interval") {
    const { interval, lengthMs, usualMs } = change;
    const span = `${minute(interval.start)}/${minute(interval.end)}`;
    return `${span} ${hours(lengthMs)}h for ${hours(usualMs)}h`;
  }
  const { kind, localTime, becomes, ticks } = change;
  return [kind, localTime.slice(5, 16), becomes, ...ticks.map(minute)].join(" ");
}

function changes(schedule: Schedule, timezone = "Europe/Berlin", year = 2026): string[] {
  const source = { schedule: parseSchedule(schedule), timezone, startDate: "2000-01-01T00:00:00Z" };
  const span = { start: new Date(Date.UTC(year, 0)), end: new Date(Date.UTC(year + 1, 0)) };
  return clockChanges(source, span).map(said);
}

describe("a year of a schedule in a zone that changes its clock", () => {
  test.each<[string, Schedule, readonly string[]]>([
    [
      "at midnight: no tick is touched, two days have another length",
      "@daily",
      ["03-28T23:00/03-29T22:00 23h for 24h", "10-24T22:00/10-25T23:00 25h for 24h"],
    ],
    [
      "in the night",
      "30 2 * * *",
      [
        "missing 03-29T02:30 shifted 03-29T01:30",
        "03-29T01:30/03-30T00:30 23h for 24h",
        "ambiguous 10-25T02:30 second 10-25T01:30",
        "10-24T00:30/10-25T01:30 25h for 24h",
      ],
    ],
    [
      "with the other policies",
      { cron: "30 2 * * *", gap: "skip", overlap: "first" },
      [
        "missing 03-29T02:30 skipped",
        "03-28T01:30/03-30T00:30 47h for 48h",
        "ambiguous 10-25T02:30 first 10-25T00:30",
        "10-25T00:30/10-26T01:30 25h for 24h",
      ],
    ],
    [
      "with both passes",
      { cron: "30 2 * * *", overlap: "both" },
      [
        "missing 03-29T02:30 shifted 03-29T01:30",
        "03-29T01:30/03-30T00:30 23h for 24h",
        "ambiguous 10-25T02:30 both 10-25T00:30 10-25T01:30",
        "10-25T00:30/10-25T01:30 1h for 0h",
      ],
    ],
    [
      "where a shifted tick meets another",
      "0 1-4 * * *",
      [
        "missing 03-29T02:00 merged 03-29T01:00",
        "ambiguous 10-25T02:00 second 10-25T01:00",
        "10-24T23:00/10-25T01:00 2h for 1h",
      ],
    ],
    ["an hour that is *, which follows elapsed time", "*/20 * * * *", []],
    ["a fixed distance", { every: "24h" }, []],
    ["no schedule", null, []],
    [
      "runs about instants, which have no length",
      { cron: "30 2 * * *", interval: "none" },
      ["missing 03-29T02:30 shifted 03-29T01:30", "ambiguous 10-25T02:30 second 10-25T01:30"],
    ],
    ["a year of it", "@yearly", []],
    [
      "a month of it",
      "@monthly",
      ["02-28T23:00/03-31T22:00 743h for 744h", "09-30T22:00/10-31T23:00 745h for 744h"],
    ],
  ])("%s", (_name, schedule, expected) => {
    expect(changes(schedule)).toEqual(expected);
  });

  test.each<[string, string, number, readonly string[]]>([
    [
      "15 * * * *",
      "Australia/Lord_Howe",
      2026,
      ["04-04T14:15/04-04T15:45 1.5h for 1h", "10-03T15:45/10-03T16:15 0.5h for 1h"],
    ],
    ["30 2 * * *", "UTC", 2026, []],
    [
      "0 12 * * *",
      "Pacific/Apia",
      2011,
      [
        "04-01T22:00/04-02T23:00 25h for 24h",
        "09-23T23:00/09-24T22:00 23h for 24h",
        "missing 12-30T12:00 merged 12-30T22:00",
      ],
    ],
    [
      "30 2 * * *",
      "Africa/Casablanca",
      2024,
      [
        "ambiguous 03-10T02:30 second 03-10T02:30",
        "03-09T01:30/03-10T02:30 25h for 24h",
        "missing 04-14T02:30 shifted 04-14T02:30",
        "04-14T02:30/04-15T01:30 23h for 24h",
      ],
    ],
    [
      "0 0 * * *",
      "America/Sao_Paulo",
      2017,
      [
        "02-18T02:00/02-19T03:00 25h for 24h",
        "missing 10-15T00:00 shifted 10-15T03:00",
        "10-15T03:00/10-16T02:00 23h for 24h",
      ],
    ],
    [
      "30 1 * * *",
      "Antarctica/Troll",
      2026,
      [
        "missing 03-29T01:30 shifted 03-29T01:30",
        "03-29T01:30/03-29T23:30 22h for 24h",
        "ambiguous 10-25T01:30 second 10-25T01:30",
        "10-23T23:30/10-25T01:30 26h for 24h",
      ],
    ],
  ])("%s in %s, %i", (cron, zone, year, expected) => {
    expect(changes(cron, zone, year)).toEqual(expected);
  });

  test("before its start date and after its end date nothing is told", () => {
    const dates = { startDate: "2026-04-01T00:00:00Z", endDate: "2026-10-01T00:00:00Z" };
    const source = { schedule: parseSchedule("@daily"), timezone: "Europe/Berlin", ...dates };
    const span = { start: new Date("2026-01-01T00:00Z"), end: new Date("2031-01-01T00:00Z") };
    expect(clockChanges(source, span)).toEqual([]);
  });
});
