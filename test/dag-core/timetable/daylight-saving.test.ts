import { describe, expect, test } from "@jest/globals";
import {
  parseSchedule,
  timetableOf,
} from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { CronSchedule } from "../../../packages/dag-core/src/timetable/schedule-spec.ts";

const minute = (at: Date) => at.toISOString().slice(5, 16);

function ticks(
  cron: string,
  timezone: string,
  from: string,
  to: string,
  policy: Omit<CronSchedule, "cron"> = {},
): string[] {
  const schedule = parseSchedule({ cron, interval: "none", ...policy });
  const timetable = timetableOf({ schedule, timezone, startDate: "2020-01-01T00:00:00Z" });
  return [...timetable.between(new Date(from), new Date(to))].map((run) => minute(run.runAfter));
}

function intervals(cron: string, timezone: string, from: string, to: string): string[] {
  const schedule = parseSchedule(cron);
  const timetable = timetableOf({ schedule, timezone, startDate: "2020-01-01T00:00:00Z" });
  return [...timetable.between(new Date(from), new Date(to))].map(
    ({ interval }) => `${minute(interval.start)}/${minute(interval.end)}`,
  );
}

const dayAfter = (at: string) => new Date(Date.parse(at) + 24 * 3_600_000).toISOString();

const berlin = "Europe/Berlin";
const lordHowe = "Australia/Lord_Howe";

describe("by default, ticks on the nights the clock changes in Berlin", () => {
  test.each([
    {
      name: "a skipped time is moved on by the gap",
      cron: "30 2 * * *",
      from: "2026-03-28T00:00Z",
      to: "2026-03-30T12:00Z",
      expected: ["03-28T01:30", "03-29T01:30", "03-30T00:30"],
    },
    {
      name: "a doubled time is the second",
      cron: "30 2 * * *",
      from: "2026-10-24T00:00Z",
      to: "2026-10-26T12:00Z",
      expected: ["10-24T00:30", "10-25T01:30", "10-26T01:30"],
    },
    {
      name: "every hour goes on through the gap",
      cron: "*/30 * * * *",
      from: "2026-03-29T00:30Z",
      to: "2026-03-29T01:30Z",
      expected: ["03-29T00:30", "03-29T01:00", "03-29T01:30"],
    },
    {
      name: "every hour goes on through the overlap",
      cron: "*/30 * * * *",
      from: "2026-10-25T00:00Z",
      to: "2026-10-25T01:30Z",
      expected: ["10-25T00:00", "10-25T00:30", "10-25T01:00", "10-25T01:30"],
    },
    {
      name: "every second hour is three hours apart at the overlap",
      cron: "0 */2 * * *",
      from: "2026-10-24T22:00Z",
      to: "2026-10-25T03:00Z",
      expected: ["10-24T22:00", "10-25T01:00", "10-25T03:00"],
    },
    {
      name: "every second hour is one hour apart at the gap",
      cron: "0 */2 * * *",
      from: "2026-03-28T23:00Z",
      to: "2026-03-29T02:00Z",
      expected: ["03-28T23:00", "03-29T01:00", "03-29T02:00"],
    },
    {
      name: "a moved tick merges with the one already there",
      cron: "0 1-4 * * *",
      from: "2026-03-28T12:00Z",
      to: "2026-03-29T12:00Z",
      expected: ["03-29T00:00", "03-29T01:00", "03-29T02:00"],
    },
    {
      name: "a range of hours skips the first pass of the doubled one",
      cron: "0 1-4 * * *",
      from: "2026-10-24T12:00Z",
      to: "2026-10-25T12:00Z",
      expected: ["10-24T23:00", "10-25T01:00", "10-25T02:00", "10-25T03:00"],
    },
    {
      name: "0-23 keeps to the wall clock, other than *",
      cron: "0 0-23 * * *",
      from: "2026-10-24T23:00Z",
      to: "2026-10-25T02:00Z",
      expected: ["10-24T23:00", "10-25T01:00", "10-25T02:00"],
    },
    {
      name: "*/1 is *",
      cron: "0 */1 * * *",
      from: "2026-10-24T23:00Z",
      to: "2026-10-25T02:00Z",
      expected: ["10-24T23:00", "10-25T00:00", "10-25T01:00", "10-25T02:00"],
    },
  ])("$cron: $name", ({ cron, from, to, expected }) => {
    expect(ticks(cron, berlin, from, to)).toEqual(expected);
  });

  test("the interval of a day has 23 hours, or 25", () => {
    expect(intervals("0 0 * * *", berlin, "2026-03-28T12:00Z", "2026-03-29T00:00Z")).toEqual([
      "03-28T23:00/03-29T22:00",
    ]);
    expect(intervals("0 0 * * *", berlin, "2026-10-24T12:00Z", "2026-10-25T00:00Z")).toEqual([
      "10-24T22:00/10-25T23:00",
    ]);
  });

  test("no minute is lost where a sub-hourly schedule meets the gap", () => {
    expect(intervals("*/20 1-3 * * *", berlin, "2026-03-29T00:20Z", "2026-03-29T01:20Z")).toEqual([
      "03-29T00:20/03-29T00:40",
      "03-29T00:40/03-29T01:00",
      "03-29T01:00/03-29T01:20",
      "03-29T01:20/03-29T01:40",
    ]);
  });
});

describe("policies", () => {
  const gapNight = ["2026-03-28T12:00Z", "2026-03-29T12:00Z"] as const;
  const overlapNight = ["2026-10-24T12:00Z", "2026-10-25T12:00Z"] as const;

  test.each([
    { cron: "30 2 * * *", gap: "shift", expected: ["03-29T01:30"] },
    { cron: "30 2 * * *", gap: "skip", expected: [] },
    { cron: "15,45 2-3 * * *", gap: "skip", expected: ["03-29T01:15", "03-29T01:45"] },
    { cron: "30 2,3 * * *", gap: "shift", expected: ["03-29T01:30"] },
  ] as const)("gap $gap, $cron", ({ cron, gap, expected }) => {
    expect(ticks(cron, berlin, ...gapNight, { gap })).toEqual(expected);
  });

  test.each([
    { cron: "30 2 * * *", overlap: "first", expected: ["10-25T00:30"] },
    { cron: "30 2 * * *", overlap: "second", expected: ["10-25T01:30"] },
    { cron: "30 2 * * *", overlap: "both", expected: ["10-25T00:30", "10-25T01:30"] },
    { cron: "0 2,3 * * *", overlap: "first", expected: ["10-25T00:00", "10-25T02:00"] },
    { cron: "0 2,3 * * *", overlap: "second", expected: ["10-25T01:00", "10-25T02:00"] },
  ] as const)("overlap $overlap, $cron", ({ cron, overlap, expected }) => {
    expect(ticks(cron, berlin, ...overlapNight, { overlap })).toEqual(expected);
  });

  test.each([
    ["America/New_York", "30 2 * * *", "2026-03-08T00:00Z", "03-08T07:30"],
    ["America/St_Johns", "30 2 * * *", "2026-03-08T00:00Z", "03-08T06:00"],
    ["Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00Z", "10-03T15:45"],
    ["Pacific/Chatham", "15 3 * * *", "2026-09-26T00:00Z", "09-26T14:30"],
    ["Antarctica/Troll", "0 2 * * *", "2026-03-28T12:00Z", "03-29T02:00"],
    ["America/Sao_Paulo", "0 0 * * *", "2017-10-14T12:00Z", "10-15T03:00"],
    ["Asia/Tehran", "30 0 * * *", "2021-03-21T03:00Z", "03-21T21:00"],
    ["Pacific/Apia", "0 12 * * *", "2011-12-30T02:00Z", "12-30T22:00"],
  ])("gap in %s, %s: moved on by the gap, or left out", (zone, cron, from, shifted) => {
    const of = (gap: "shift" | "skip") => ticks(cron, zone, from, dayAfter(from), { gap });
    expect(of("shift")).toEqual([shifted]);
    expect(of("skip")).toEqual(zone === "Pacific/Apia" ? [shifted] : []);
  });

  test.each([
    ["America/New_York", "30 1 * * *", "2026-11-01T00:00Z", "11-01T05:30", "11-01T06:30"],
    ["America/St_Johns", "30 1 * * *", "2026-11-01T00:00Z", "11-01T04:00", "11-01T05:00"],
    ["Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00Z", "04-04T14:45", "04-04T15:15"],
    ["Pacific/Chatham", "0 3 * * *", "2026-04-04T00:00Z", "04-04T13:15", "04-04T14:15"],
    ["Antarctica/Troll", "30 1 * * *", "2026-10-24T12:00Z", "10-24T23:30", "10-25T01:30"],
    ["America/Sao_Paulo", "30 23 * * *", "2017-02-18T12:00Z", "02-19T01:30", "02-19T02:30"],
    ["Asia/Tehran", "30 23 * * *", "2021-09-21T10:00Z", "09-21T19:00", "09-21T20:00"],
    ["Africa/Casablanca", "30 2 * * *", "2024-03-09T12:00Z", "03-10T01:30", "03-10T02:30"],
  ])("overlap in %s, %s: the first, the second, or both", (zone, cron, from, first, second) => {
    const of = (overlap: "first" | "second" | "both") =>
      ticks(cron, zone, from, dayAfter(from), { overlap });
    expect(of("first")).toEqual([first]);
    expect(of("second")).toEqual([second]);
    expect(of("both")).toEqual([first, second]);
  });

  test("the first time after the gap ticks once", () => {
    expect(ticks("0 3 * * *", berlin, ...gapNight)).toEqual(["03-29T01:00"]);
  });

  test("a tick at the very start of the gap is found from behind, too", () => {
    const schedule = parseSchedule("0 2 * * *");
    const timetable = timetableOf({
      schedule,
      timezone: berlin,
      startDate: "2020-01-01T00:00:00Z",
    });
    expect(timetable.lastComplete(new Date("2026-03-29T12:00Z"))).toEqual({
      start: new Date("2026-03-28T01:00Z"),
      end: new Date("2026-03-29T01:00Z"),
    });
  });

  test("do not touch a schedule whose hour is *", () => {
    const policy = { gap: "skip", overlap: "first" } as const;
    expect(ticks("0 * * * *", berlin, "2026-10-25T00:00Z", "2026-10-25T02:00Z", policy)).toEqual([
      "10-25T00:00",
      "10-25T01:00",
      "10-25T02:00",
    ]);
    const gap = { gap: "skip" } as const;
    expect(ticks("15 * * * *", lordHowe, "2026-10-03T14:45Z", "2026-10-03T16:15Z", gap)).toEqual([
      "10-03T14:45",
      "10-03T15:45",
      "10-03T16:15",
    ]);
  });
});

describe("zones that change by something else than an hour", () => {
  test("Lord Howe, half an hour forward: the hour's tick is moved, none is lost", () => {
    expect(ticks("15 * * * *", lordHowe, "2026-10-03T14:00Z", "2026-10-03T17:30Z")).toEqual([
      "10-03T14:45",
      "10-03T15:45",
      "10-03T16:15",
      "10-03T17:15",
    ]);
  });

  test("Lord Howe, half an hour back: a time in it ticks twice", () => {
    expect(ticks("45 * * * *", lordHowe, "2026-04-04T14:00Z", "2026-04-04T16:30Z")).toEqual([
      "04-04T14:45",
      "04-04T15:15",
      "04-04T16:15",
    ]);
  });

  test("Lord Howe: a range of hours advances", () => {
    expect(ticks("0 0-23 * * *", lordHowe, "2026-10-03T14:30Z", "2026-10-03T17:30Z")).toEqual([
      "10-03T14:30",
      "10-03T15:30",
      "10-03T16:00",
      "10-03T17:00",
    ]);
  });

  test("Apia skips a whole day: its tick falls on the next one, which has one run", () => {
    expect(ticks("0 0 * * *", "Pacific/Apia", "2011-12-28T12:00Z", "2012-01-01T12:00Z")).toEqual([
      "12-29T10:00",
      "12-30T10:00",
      "12-31T10:00",
      "01-01T10:00",
    ]);
  });

  test("Kathmandu moved by a quarter of an hour once", () => {
    expect(ticks("0 0 * * *", "Asia/Kathmandu", "1985-12-30T12:00Z", "1986-01-01T20:00Z")).toEqual([
      "12-30T18:30",
      "12-31T18:30",
      "01-01T18:15",
    ]);
  });

  test("Casablanca goes back for Ramadan and forward after it", () => {
    expect(
      ticks("30 2 * * *", "Africa/Casablanca", "2026-02-14T12:00Z", "2026-02-16T12:00Z"),
    ).toEqual(["02-15T02:30", "02-16T02:30"]);
    expect(
      ticks("30 2 * * *", "Africa/Casablanca", "2026-03-21T12:00Z", "2026-03-23T12:00Z"),
    ).toEqual(["03-22T02:30", "03-23T01:30"]);
  });
});

describe("calendars", () => {
  const utc = (cron: string, from: string, to: string) => ticks(cron, "UTC", from, to);

  test("29 February comes in leap years only, and not in 2100", () => {
    const schedule = parseSchedule({ cron: "0 0 29 2 *", interval: "none" });
    const timetable = timetableOf({ schedule, timezone: "UTC", startDate: "2020-01-01T00:00:00Z" });
    const runs = [...timetable.between(new Date("2023-01-01"), new Date("2105-01-01"))];
    const years = runs.map((run) => run.runAfter.getUTCFullYear());
    expect(years.slice(0, 3)).toEqual([2024, 2028, 2032]);
    expect(years.slice(-2)).toEqual([2096, 2104]);
  });

  test("a day of the month and a weekday: either of them is enough", () => {
    expect(utc("0 0 1 * MON", "2026-01-01T00:00Z", "2026-02-03T00:00Z")).toEqual([
      "01-01T00:00",
      "01-05T00:00",
      "01-12T00:00",
      "01-19T00:00",
      "01-26T00:00",
      "02-01T00:00",
      "02-02T00:00",
    ]);
  });

  test("the last Friday is one day, also where the month ends on it", () => {
    expect(utc("0 0 * * 5L", "2026-07-01T00:00Z", "2026-07-31T00:00Z")).toEqual(["07-31T00:00"]);
  });

  test("a day field that names every day restricts nothing", () => {
    const mondays = utc("0 0 * * MON", "2026-01-01T00:00Z", "2026-01-20T00:00Z");
    expect(mondays).toEqual(["01-05T00:00", "01-12T00:00", "01-19T00:00"]);
    expect(utc("0 0 */1 * MON", "2026-01-01T00:00Z", "2026-01-20T00:00Z")).toEqual(mondays);
    expect(utc("0 0 1-31 * MON", "2026-01-01T00:00Z", "2026-01-20T00:00Z")).toEqual(mondays);
  });

  test.each([
    { cron: "0 0 L * *", expected: ["01-31T00:00", "02-28T00:00", "03-31T00:00"] },
    { cron: "0 0 * * 5L", expected: ["01-30T00:00", "02-27T00:00", "03-27T00:00"] },
    { cron: "0 0 * * MON#2", expected: ["01-12T00:00", "02-09T00:00", "03-09T00:00"] },
    { cron: "0 0 31 * *", expected: ["01-31T00:00", "03-31T00:00"] },
    { cron: "@quarterly", expected: ["01-01T00:00"] },
  ])("$cron until March", ({ cron, expected }) => {
    expect(utc(cron, "2026-01-01T00:00Z", "2026-03-31T12:00Z")).toEqual(expected);
  });
});
