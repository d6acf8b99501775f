import { describe, expect, test } from "@jest/globals";
import {
  type CoveredInterval,
  planBackfill,
  type PlanBackfillOptions,
} from "../../../packages/dag-core/src/backfill/plan.ts";
import type { DagRunState } from "../../../packages/dag-core/src/definition/states.ts";
import {
  parseSchedule,
  timetableOf,
} from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { Schedule } from "../../../packages/dag-core/src/timetable/schedule-spec.ts";

const now = new Date("2026-02-15T10:00Z");
const day = 86_400_000;
const january = (number: number) => new Date(Date.UTC(2026, 0, number));

function covered(from: Date, to: Date, state: DagRunState = "success"): CoveredInterval {
  const runId = `scheduled__${from.toISOString().slice(0, 10)}`;
  return { start: from, end: to, runId, dagRunId: String(from.getTime()), state };
}

interface Given extends Partial<Omit<PlanBackfillOptions, "timetable">> {
  readonly schedule?: Schedule;
}

function plan({ schedule = "@daily", zone = "UTC", ...given }: Given = {}) {
  const startDate = "2026-01-01T00:00:00Z";
  return planBackfill({
    dagId: "orders",
    timetable: timetableOf({ schedule: parseSchedule(schedule), timezone: zone, startDate }),
    zone,
    from: "2026-01-05",
    to: "2026-01-07",
    now,
    covered: [],
    reprocess: "none",
    ...given,
  });
}

const starts = (result: ReturnType<typeof plan>) =>
  result.entries.map((entry) => entry.interval.start.toISOString());
const said = (result: ReturnType<typeof plan>) =>
  result.entries.map(
    ({ action, interval }) =>
      `${action} ${interval.start.toISOString().slice(5, 13)}/${interval.end.toISOString().slice(5, 13)}`,
  );

describe("dates of Berlin beside the nights on which its clock changes", () => {
  const berlin = (schedule: string, day: string) =>
    said(
      plan({ schedule, zone: "Europe/Berlin", from: day, to: day, now: new Date("2026-12-01Z") }),
    );

  test.each([
    ["@daily", "2026-03-29", ["create 03-28T23/03-29T22"]],
    ["@daily", "2026-10-25", ["create 10-24T22/10-25T23"]],
    ["30 2 * * *", "2026-03-29", ["create 03-29T01/03-30T00"]],
    ["30 2 * * *", "2026-10-25", ["create 10-25T01/10-26T01"]],
  ])("%s on %s", (schedule, day, intervals) => {
    expect(berlin(schedule, day)).toEqual(intervals);
  });

  test.each([
    ["2026-03-29", 23],
    ["2026-10-25", 25],
  ])("%s has %i hours", (day, hours) => {
    expect(berlin("@hourly", day)).toHaveLength(hours);
  });
});

describe("the range", () => {
  test("includes both logical dates", () => {
    expect(starts(plan())).toEqual([
      "2026-01-05T00:00:00.000Z",
      "2026-01-06T00:00:00.000Z",
      "2026-01-07T00:00:00.000Z",
    ]);
  });

  test("includes the interval that joins an edited schedule with what is covered", () => {
    const old = covered(january(4), january(5));
    const edited = { schedule: "0 6 * * *", covered: [old], to: "2026-01-05" };
    expect(said(plan(edited))).toEqual(["create 01-05T00/01-05T06", "create 01-05T06/01-06T06"]);
    expect(said(plan({ ...edited, covered: [] }))).toEqual(["create 01-05T06/01-06T06"]);
    const cancelled = covered(january(4), january(5), "cancelled");
    expect(said(plan({ ...edited, covered: [cancelled] }))).toEqual(["create 01-05T06/01-06T06"]);
  });

  test("is read in the zone of the DAG", () => {
    const result = plan({ zone: "Europe/Berlin", from: "2026-01-10", to: "2026-01-10" });
    expect(starts(result)).toEqual(["2026-01-09T23:00:00.000Z"]);
  });

  test("ends with the whole of its last day", () => {
    expect(starts(plan({ schedule: "0 3 * * *", from: "2026-01-05", to: "2026-01-05" }))).toEqual([
      "2026-01-05T03:00:00.000Z",
    ]);
    expect(
      plan({ schedule: "@hourly", from: "2026-01-05", to: "2026-01-05" }).entries,
    ).toHaveLength(24);
  });

  test("with a time of day ends there", () => {
    const to = "2026-01-05T02:00";
    expect(plan({ schedule: "@hourly", from: "2026-01-05", to }).entries).toHaveLength(3);
  });

  test("may lie before the start date of the DAG", () => {
    expect(plan({ from: "2025-12-30", to: "2025-12-31" }).counts.create).toBe(2);
  });

  test("leaves out intervals that are not over, also one that ends just now", () => {
    const result = plan({
      from: "2026-02-12",
      to: "2026-02-20",
      now: new Date("2026-02-15T00:00Z"),
    });
    expect(said(result)).toEqual(["create 02-12T00/02-13T00", "create 02-13T00/02-14T00"]);
    expect(result.firstUnfinished?.start).toEqual(new Date("2026-02-14T00:00Z"));
  });

  test("runs backwards on request, with the same hash", () => {
    const backwards = plan({ runBackwards: true });
    expect(starts(backwards)).toEqual([...starts(plan())].reverse());
    expect(backwards.hash).toBe(plan().hash);
  });
});

describe("an interval that has a run", () => {
  test.each([
    ["queued", "none", "skip", "in flight"],
    ["queued", "failed", "skip", "in flight"],
    ["running", "completed", "skip", "in flight"],
    ["success", "none", "skip", "already exists"],
    ["success", "failed", "skip", "already exists"],
    ["success", "completed", "clear", "ended as success"],
    ["failed", "none", "skip", "already exists"],
    ["failed", "failed", "clear", "ended as failed"],
    ["failed", "completed", "clear", "ended as failed"],
    ["cancelled", "none", "create", "no run covers it"],
  ] as const)("%s, reprocess %s: %s", (state, reprocess, action, reason) => {
    const run = covered(january(5), january(6), state);
    const result = plan({ covered: [run], reprocess, to: "2026-01-05" });
    expect(result.entries).toHaveLength(1);
    const runId =
      action === "create" ? "backfill__2026-01-06T00:00:00+00:00" : "scheduled__2026-01-05";
    const expected = { action, runId, reason: expect.stringContaining(reason) };
    expect(result.entries[0]).toMatchObject(expected);
  });

  test("a new run is named by the end of its interval", () => {
    expect(plan().entries[0]?.runId).toBe("backfill__2026-01-06T00:00:00+00:00");
  });

  test("the others are created around it", () => {
    const result = plan({ covered: [covered(january(6), january(7))] });
    expect(said(result)).toEqual([
      "create 01-05T00/01-06T00",
      "skip 01-06T00/01-07T00",
      "create 01-07T00/01-08T00",
    ]);
    expect(result.counts).toEqual({ create: 2, clear: 0, skip: 1 });
  });
});

describe("runs of another schedule", () => {
  test("a part of an interval that is covered is clipped off", () => {
    const run = covered(new Date("2026-01-05T06:00Z"), new Date("2026-01-05T18:00Z"));
    expect(said(plan({ covered: [run], to: "2026-01-05" }))).toEqual([
      "create 01-05T00/01-05T06",
      "skip 01-05T06/01-05T18",
      "create 01-05T18/01-06T00",
    ]);
  });

  test("a run across several intervals appears once", () => {
    const run = covered(new Date("2026-01-05T06:00Z"), new Date("2026-01-07T06:00Z"), "failed");
    expect(said(plan({ covered: [run], reprocess: "failed" }))).toEqual([
      "create 01-05T00/01-05T06",
      "clear 01-05T06/01-07T06",
      "create 01-07T06/01-08T00",
    ]);
  });

  test("a run of an earlier date that reaches into the range is left alone", () => {
    const run = covered(january(3), new Date("2026-01-05T06:00Z"), "failed");
    const result = plan({ covered: [run], reprocess: "completed", to: "2026-01-05" });
    expect(said(result)).toEqual(["skip 01-03T00/01-05T06", "create 01-05T06/01-06T00"]);
    expect(result.entries[0]?.reason).toContain("of an earlier date");
  });

  test("instants inside a covered interval have run", () => {
    const schedule = { cron: "0 0,12 * * *", interval: "none" } as const;
    const result = plan({ schedule, covered: [covered(january(5), january(6))], to: "2026-01-06" });
    expect(said(result)).toEqual([
      "skip 01-05T00/01-06T00",
      "create 01-06T00/01-06T00",
      "create 01-06T12/01-06T12",
    ]);
  });

  test("an instant that has run stands for the interval of its logical date", () => {
    const result = plan({ covered: [covered(january(5), january(5))], to: "2026-01-06" });
    expect(said(result)).toEqual(["skip 01-05T00/01-05T00", "create 01-06T00/01-07T00"]);
  });
});

describe("the hash", () => {
  test("is that of equal plans", () => {
    expect(plan().hash).toBe(plan().hash);
    expect(plan().hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("ignores what is skipped, and the order in which runs are given", () => {
    const runs = [covered(january(5), january(6)), covered(january(6), january(7))];
    const hash = plan({ covered: runs }).hash;
    expect(plan({ covered: [...runs].reverse() }).hash).toBe(hash);
    expect(plan({ from: "2026-01-07", to: "2026-01-07" }).hash).toBe(hash);
  });

  test.each<[string, Given]>([
    ["another range", { to: "2026-01-08" }],
    ["a run that is there by now", { covered: [covered(january(5), january(6))] }],
    [
      "a run that is cleared instead",
      { covered: [covered(january(5), january(6), "failed")], reprocess: "failed" },
    ],
    ["another schedule", { schedule: "0 1 * * *" }],
  ])("changes with %s", (_name, given) => {
    expect(plan(given).hash).not.toBe(plan().hash);
  });
});

describe("a plan is refused", () => {
  test.each<[string, Given, string]>([
    ["without schedule", { schedule: null }, "its schedule has no intervals"],
    ["for @once", { schedule: "@once" }, "its schedule has no intervals"],
    ["for @continuous", { schedule: "@continuous" }, "its schedule has no intervals"],
    ["backward", { from: "2026-01-08" }, "is backward; exchange the dates"],
    ["in the future", { from: "2026-03-01", to: "2026-03-02" }, "is in the future"],
    ["too long", { schedule: "@hourly", maxEntries: 10 }, "more than 10 intervals"],
  ])("%s", (_name, given, message) => {
    const refused = () => plan(given);
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code: "TIDEMILL_BACKFILL_REFUSED" }));
  });

  test("for a bound that is no date", () => {
    expect(() => plan({ from: "2026-02-30" })).toThrow('"2026-02-30" is not a date');
  });
});

test("a million intervals, a third of them covered, are planned exactly", () => {
  const first = Date.UTC(1900, 0, 1);
  const hour = 3_600_000;
  const length = 1_000_000;
  const runs = Array.from({ length: Math.ceil(length / 3) }, (_, index) => {
    const start = first + index * 3 * hour;
    return covered(new Date(start), new Date(start + hour), index % 2 === 0 ? "failed" : "success");
  });
  const result = plan({
    schedule: "@hourly",
    from: new Date(first),
    to: new Date(first + (length - 1) * hour),
    covered: runs,
    reprocess: "failed",
  });
  expect(result.counts).toEqual({ create: 666_666, clear: 166_667, skip: 166_667 });
  expect(result.entries).toHaveLength(length);
  expect(length * hour).toBeGreaterThan(100 * 365 * day);
});
