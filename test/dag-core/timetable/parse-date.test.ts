import { describe, expect, test } from "@jest/globals";
import { namedInterval } from "../../../packages/dag-core/src/timetable/named-interval.ts";
import {
  parseDate,
  parseDateInclusive,
} from "../../../packages/dag-core/src/timetable/parse-date.ts";
import {
  parseSchedule,
  timetableOf,
} from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import { formatInZone } from "../../../packages/dag-core/src/timetable/wall-clock.ts";

const berlin = "Europe/Berlin";

describe("parseDate", () => {
  test.each([
    ["2026-01-10", berlin, "2026-01-09T23:00:00.000Z"],
    ["2026-01-10", "UTC", "2026-01-10T00:00:00.000Z"],
    ["2026-01-10T06:30", berlin, "2026-01-10T05:30:00.000Z"],
    ["2026-01-10 06:30:15.5", berlin, "2026-01-10T05:30:15.500Z"],
    ["2026-01-10T06:30Z", berlin, "2026-01-10T06:30:00.000Z"],
    ["2026-01-10T06:30+05:45", berlin, "2026-01-10T00:45:00.000Z"],
    ["2024-02-29", "UTC", "2024-02-29T00:00:00.000Z"],
    ["2026-03-29T02:30", berlin, "2026-03-29T01:30:00.000Z"],
    ["2026-10-25T02:30", berlin, "2026-10-25T01:30:00.000Z"],
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"],
  ])("%s in %s is %s", (text, timezone, expected) => {
    expect(parseDate(text, timezone).toISOString()).toBe(expected);
  });

  test.each([
    "2024-02-30",
    "2023-02-29",
    "2026-13-01",
    "2026-01-10T24:00",
    "2026-01-10T06:60",
    "2024-02-30T00:00Z",
    "2026-1-5",
    "20260105",
    "yesterday",
    "",
    "2026-01-10T06:30+01:00[Europe/Paris]",
  ])("%j is refused", (text) => {
    expect(() => parseDate(text, "UTC")).toThrow(
      expect.objectContaining({ code: "TIDEMILL_DATE_INVALID" }),
    );
  });

  test("an unknown zone is named, with the one that was meant", () => {
    expect(() => parseDate("2026-01-10", "Europe/Berln")).toThrow(
      '"Europe/Berln" is not a time zone; use an IANA name, for example "Europe/Berlin", did you mean "Europe/Berlin"?',
    );
    expect(() => parseDate("2026-01-10", "+03:00")).toThrow("is not a time zone");
  });
});

describe("parseDateInclusive", () => {
  test.each([
    ["2026-01-10", "2026-01-10T22:59:59.999Z"],
    ["2026-03-29", "2026-03-29T21:59:59.999Z"],
    ["2026-01-10T06:30", "2026-01-10T05:30:00.000Z"],
  ])("%s reaches to %s", (text, expected) => {
    expect(parseDateInclusive(text, berlin).toISOString()).toBe(expected);
  });

  test("refuses a day that does not exist", () => {
    expect(() => parseDateInclusive("2024-02-30", berlin)).toThrow('"2024-02-30" is not a date');
  });
});

describe("namedInterval", () => {
  const of = (cron: string) =>
    timetableOf({
      schedule: parseSchedule(cron),
      timezone: berlin,
      startDate: "2026-01-01T00:00:00Z",
    });
  const named = (cron: string, text: string) =>
    namedInterval(of(cron), text, berlin)?.start.toISOString();

  test("a date means the interval whose logical date lies on that day", () => {
    expect(named("0 3 * * *", "2026-01-05")).toBe("2026-01-05T02:00:00.000Z");
  });

  test("a date in the middle of an interval means that interval", () => {
    expect(named("0 0 * * MON", "2026-01-07")).toBe("2026-01-04T23:00:00.000Z");
  });

  test("an instant means the interval that contains it", () => {
    expect(named("0 3 * * *", "2026-01-05T01:00")).toBe("2026-01-04T02:00:00.000Z");
  });
});

test("formatInZone shows local time and offset", () => {
  expect(formatInZone(new Date("2026-01-31T05:00Z"), berlin)).toBe("2026-01-31T06:00:00+01:00");
});
