import { describe, expect, test } from "@jest/globals";
import {
  parseSchedule,
  restrictionOf,
  timetableOf,
} from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { Schedule } from "../../../packages/dag-core/src/timetable/schedule-spec.ts";

type Catchup = "none" | "latest" | "all";

interface Case {
  readonly schedule?: Schedule;
  readonly timezone?: string;
  readonly startDate?: string;
  readonly endDate?: string;
  readonly catchup?: Catchup;
  readonly coveredUntil?: string;
  readonly now?: string;
}

const short = (at: Date) => at.toISOString().slice(5, 16);
const instant = (text: string) => new Date(text);

/** Interval of the next run as `start/end`, or undefined. */
function next(given: Case): string | undefined {
  const source = {
    schedule: parseSchedule(given.schedule === undefined ? "@daily" : given.schedule),
    timezone: given.timezone ?? "UTC",
    startDate: given.startDate ?? "2026-01-01T00:00:00Z",
    catchup: given.catchup ?? "all",
    ...(given.endDate === undefined ? {} : { endDate: given.endDate }),
  };
  const run = timetableOf(source).next({
    coveredUntil: given.coveredUntil === undefined ? undefined : instant(given.coveredUntil),
    restriction: restrictionOf(source),
    now: instant(given.now ?? "2026-01-05T10:00Z"),
  });
  if (run === undefined) return undefined;
  expect(run.runAfter).toEqual(run.interval.end);
  return `${short(run.interval.start)}/${short(run.interval.end)}`;
}

const daily = { cron: "0 0 * * *", interval: "none" } as const;

describe("the interval before a tick", () => {
  test.each<[string, Case, string | undefined]>([
    ["all starts at the start date", {}, "01-01T00:00/01-02T00:00"],
    [
      "all goes on where covered time ends",
      { coveredUntil: "2026-01-04T00:00Z" },
      "01-04T00:00/01-05T00:00",
    ],
    ["latest takes the newest that is over", { catchup: "latest" }, "01-04T00:00/01-05T00:00"],
    [
      "latest after an outage of three days",
      { catchup: "latest", coveredUntil: "2026-01-02T00:00Z" },
      "01-04T00:00/01-05T00:00",
    ],
    [
      "latest, now exactly at the end",
      { catchup: "latest", now: "2026-01-05T00:00Z" },
      "01-04T00:00/01-05T00:00",
    ],
    [
      "latest, all covered, waits",
      { catchup: "latest", coveredUntil: "2026-01-05T00:00Z" },
      "01-05T00:00/01-06T00:00",
    ],
    ["none gives up what ended hours ago", { catchup: "none" }, "01-05T00:00/01-06T00:00"],
    [
      "none keeps what just ended",
      { catchup: "none", now: "2026-01-05T00:04Z" },
      "01-04T00:00/01-05T00:00",
    ],
    [
      "none keeps it for a tenth of its length",
      { catchup: "none", now: "2026-01-05T02:24Z" },
      "01-04T00:00/01-05T00:00",
    ],
    [
      "none gives it up after that",
      { catchup: "none", now: "2026-01-05T02:25Z" },
      "01-05T00:00/01-06T00:00",
    ],
    [
      "an hourly run is kept for a tenth of an hour",
      { schedule: "@hourly", catchup: "none", now: "2026-01-05T10:06Z" },
      "01-05T09:00/01-05T10:00",
    ],
    [
      "a minutely one until the next is over",
      { schedule: "* * * * *", catchup: "none", now: "2026-01-05T10:00:59Z" },
      "01-05T09:59/01-05T10:00",
    ],
    [
      "a start date between ticks waits for the next",
      { startDate: "2026-01-01T07:00:00Z" },
      "01-02T00:00/01-03T00:00",
    ],
    [
      "a start date in the future",
      { catchup: "latest", startDate: "2026-02-01T00:00:00Z" },
      "02-01T00:00/02-02T00:00",
    ],
    [
      "a start date in the future, none",
      { catchup: "none", startDate: "2026-02-01T00:00:00Z" },
      "02-01T00:00/02-02T00:00",
    ],
    [
      "latest with an end date in the future",
      { catchup: "latest", endDate: "2026-02-01T00:00:00Z" },
      "01-04T00:00/01-05T00:00",
    ],
    [
      "a start date moved on",
      { coveredUntil: "2026-01-03T00:00Z", startDate: "2026-01-10T00:00:00Z" },
      "01-10T00:00/01-11T00:00",
    ],
    [
      "an end date at the start of an interval still runs it",
      { coveredUntil: "2026-01-03T00:00Z", endDate: "2026-01-03T00:00:00Z" },
      "01-03T00:00/01-04T00:00",
    ],
    [
      "past the end date there is none",
      { coveredUntil: "2026-01-04T00:00Z", endDate: "2026-01-03T00:00:00Z" },
      undefined,
    ],
    [
      "latest after an outage across the end date",
      { catchup: "latest", coveredUntil: "2026-01-02T00:00Z", endDate: "2026-01-03T12:00:00Z" },
      "01-03T00:00/01-04T00:00",
    ],
  ])("%s", (_name, given, expected) => {
    expect(next(given)).toBe(expected);
  });
});

describe("a run about an instant", () => {
  test.each<[string, Case, string | undefined]>([
    ["all starts at the start date", {}, "01-01T00:00/01-01T00:00"],
    [
      "all goes on after the last tick",
      { coveredUntil: "2026-01-04T00:00Z" },
      "01-05T00:00/01-05T00:00",
    ],
    ["latest takes the newest tick", { catchup: "latest" }, "01-05T00:00/01-05T00:00"],
    [
      "latest after an outage",
      { catchup: "latest", coveredUntil: "2026-01-02T00:00Z" },
      "01-05T00:00/01-05T00:00",
    ],
    [
      "latest, the newest has run",
      { catchup: "latest", coveredUntil: "2026-01-05T00:00Z" },
      "01-06T00:00/01-06T00:00",
    ],
    ["none gives up what is hours ago", { catchup: "none" }, "01-06T00:00/01-06T00:00"],
    [
      "none keeps what has just come",
      { catchup: "none", now: "2026-01-05T00:05Z" },
      "01-05T00:00/01-05T00:00",
    ],
    [
      "past the end date there is none",
      { coveredUntil: "2026-01-03T00:00Z", endDate: "2026-01-03T00:00:00Z" },
      undefined,
    ],
    [
      "latest after an outage across the end date",
      { catchup: "latest", coveredUntil: "2026-01-01T00:00Z", endDate: "2026-01-03T12:00:00Z" },
      "01-03T00:00/01-03T00:00",
    ],
  ])("%s", (_name, given, expected) => {
    expect(next({ schedule: daily, ...given })).toBe(expected);
  });
});

describe("after a change of schedule", () => {
  test.each<[string, Case, string]>([
    [
      "one short interval joins the old and the new",
      { schedule: "0 6 * * *", coveredUntil: "2026-01-05T00:00Z" },
      "01-05T00:00/01-05T06:00",
    ],
    [
      "then the new one goes on",
      { schedule: "0 6 * * *", coveredUntil: "2026-01-05T06:00Z" },
      "01-05T06:00/01-06T06:00",
    ],
    [
      "from hours to days",
      { schedule: "@daily", coveredUntil: "2026-01-04T13:00Z" },
      "01-04T13:00/01-05T00:00",
    ],
    [
      "from instants to intervals starts at the last instant",
      { coveredUntil: "2026-01-04T00:00Z" },
      "01-04T00:00/01-05T00:00",
    ],
    [
      "from intervals to instants runs no tick twice",
      { schedule: daily, coveredUntil: "2026-01-05T00:00Z" },
      "01-06T00:00/01-06T00:00",
    ],
    [
      "to one whose first tick is far off",
      { schedule: "0 0 1 3 *", coveredUntil: "2026-01-05T00:00Z" },
      "01-05T00:00/03-01T00:00",
    ],
    [
      "to another zone",
      { timezone: "Europe/Berlin", coveredUntil: "2026-01-05T00:00Z" },
      "01-05T00:00/01-05T23:00",
    ],
  ])("%s", (_name, given, expected) => {
    expect(next(given)).toBe(expected);
  });
});

describe("schedules other than cron", () => {
  const once: Case = { schedule: "@once" };
  const continuous: Case = { schedule: "@continuous" };

  test.each<[string, Case, string | undefined]>([
    [
      "every counts from the start date",
      {
        schedule: { every: "36h" },
        startDate: "2026-01-01T05:00:00Z",
        coveredUntil: "2026-01-02T17:00Z",
      },
      "01-02T17:00/01-04T05:00",
    ],
    [
      "every through a night that the clock changes",
      {
        schedule: { every: "24h" },
        timezone: "Europe/Berlin",
        startDate: "2026-03-27T23:00:00Z",
        coveredUntil: "2026-03-28T23:00Z",
      },
      "03-28T23:00/03-29T23:00",
    ],
    [
      "every, latest",
      { schedule: { every: "15m" }, catchup: "latest", now: "2026-01-05T10:07Z" },
      "01-05T09:45/01-05T10:00",
    ],
    [
      "once at the start date, whatever the catchup",
      { ...once, catchup: "none" },
      "01-01T00:00/01-01T00:00",
    ],
    ["once only", { ...once, coveredUntil: "2026-01-01T00:00Z" }, undefined],
    ["once, past the end date", { ...once, endDate: "2025-12-31T00:00:00Z" }, undefined],
    ["continuous from the start date until now", continuous, "01-01T00:00/01-05T10:00"],
    [
      "continuous from the last end until now",
      { ...continuous, coveredUntil: "2026-01-05T09:59Z" },
      "01-05T09:59/01-05T10:00",
    ],
    [
      "continuous before its start date",
      { ...continuous, now: "2025-12-01T00:00Z" },
      "01-01T00:00/01-01T00:00",
    ],
    ["continuous past its end date", { ...continuous, endDate: "2026-01-02T00:00:00Z" }, undefined],
    ["none", { schedule: null }, undefined],
    [
      "several crons run at each tick of any",
      { schedule: ["0 6 * * *", "0 18 * * MON", "0 6 5 * *"], coveredUntil: "2026-01-05T06:00Z" },
      "01-05T06:00/01-05T18:00",
    ],
  ])("%s", (_name, given, expected) => {
    expect(next(given)).toBe(expected);
  });

  test("an end of a continuous interval is never its start", () => {
    const timetable = timetableOf({
      schedule: { kind: "continuous" },
      timezone: "UTC",
      startDate: "2026-01-01T00:00:00Z",
    });
    const now = new Date("2026-01-05T00:00Z");
    const restriction = { earliest: new Date("2026-01-01"), catchup: "all" } as const;
    const run = timetable.next({ coveredUntil: now, restriction, now });
    expect(run?.runAfter.getTime()).toBe(now.getTime() + 1);
    expect(timetable.activeRunsLimit).toBe(1);
  });
});

describe("looking at a timetable", () => {
  const of = (schedule: Schedule) =>
    timetableOf({
      schedule: parseSchedule(schedule),
      timezone: "UTC",
      startDate: "2026-01-01T00:00:00Z",
    });
  const said = (interval: { start: Date; end: Date } | undefined) =>
    interval && `${short(interval.start)}/${short(interval.end)}`;

  test("the last complete interval includes one that ends now", () => {
    expect(said(of("@daily").lastComplete(instant("2026-01-05T10:00Z")))).toBe(
      "01-04T00:00/01-05T00:00",
    );
    expect(said(of("@daily").lastComplete(instant("2026-01-05T00:00Z")))).toBe(
      "01-04T00:00/01-05T00:00",
    );
    expect(said(of(daily).lastComplete(instant("2026-01-05T10:00Z")))).toBe(
      "01-05T00:00/01-05T00:00",
    );
    expect(of(null).lastComplete(instant("2026-01-05T10:00Z"))).toBeUndefined();
  });

  test("between includes both bounds by logical date", () => {
    const runs = of("@daily").between(instant("2026-01-05"), instant("2026-01-07"));
    expect([...runs].map((run) => said(run.interval))).toEqual([
      "01-05T00:00/01-06T00:00",
      "01-06T00:00/01-07T00:00",
      "01-07T00:00/01-08T00:00",
    ]);
    expect([...runs]).toHaveLength(3);
  });

  test("covering finds the interval that contains an instant", () => {
    expect(said(of("@daily").covering(instant("2026-01-05T00:00Z")))).toBe(
      "01-05T00:00/01-06T00:00",
    );
    expect(said(of("@daily").covering(instant("2026-01-05T23:59Z")))).toBe(
      "01-05T00:00/01-06T00:00",
    );
    expect(said(of(daily).covering(instant("2026-01-05T00:00Z")))).toBe("01-05T00:00/01-05T00:00");
    expect(of(daily).covering(instant("2026-01-05T00:01Z"))).toBeUndefined();
  });
});
