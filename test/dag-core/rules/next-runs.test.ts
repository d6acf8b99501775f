import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  missedCountLimit,
  nextRuns,
  type NextRunsOptions,
} from "../../../packages/dag-core/src/rules/next-runs.ts";
import {
  parseSchedule,
  timetableOf,
} from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { Schedule } from "../../../packages/dag-core/src/timetable/schedule-spec.ts";
import type { Interval } from "../../../packages/dag-core/src/timetable/timetable.ts";
import { draw } from "../../helpers/property.ts";

const at = (text: string) => new Date(text);
const january = (day: number) => new Date(Date.UTC(2026, 0, day));
const span = (from: number, to: number): Interval => ({ start: january(from), end: january(to) });
const said = ({ start, end }: Interval) =>
  `${start.toISOString().slice(5, 13)}/${end.toISOString().slice(5, 13)}`;
const instants = { cron: "0 0 * * *", interval: "none" } as const;

interface Given extends Partial<Omit<NextRunsOptions, "timetable" | "restriction">> {
  readonly schedule?: Schedule;
  readonly catchup?: "none" | "latest" | "all";
  readonly earliest?: Date;
  readonly latest?: Date;
}

function nextRunsOf({ schedule = "@daily", catchup = "all", earliest, latest, ...given }: Given) {
  const timetable = timetableOf({
    schedule: parseSchedule(schedule),
    timezone: "UTC",
    startDate: "2026-01-01T00:00:00Z",
  });
  return nextRuns({
    timetable,
    restriction: { earliest: earliest ?? january(1), catchup, ...(latest && { latest }) },
    coveredUntil: undefined,
    now: at("2026-01-05T10:00Z"),
    activeRuns: 0,
    maxActiveRuns: 16,
    limit: 100,
    ...given,
  });
}

function decide(given: Given = {}) {
  const result = nextRunsOf(given);
  return {
    ...result,
    runs: result.runs.map((run) => said(run.interval)),
    missed: result.missed.map(said),
    missedSpan: result.missedSpan && said(result.missedSpan),
  };
}

describe("runs created when a DAG is unpaused on the fifth day", () => {
  test.each<[string, Given, readonly string[]]>([
    [
      "intervals, all",
      { catchup: "all" },
      ["01-01T00/01-02T00", "01-02T00/01-03T00", "01-03T00/01-04T00", "01-04T00/01-05T00"],
    ],
    ["intervals, latest", { catchup: "latest" }, ["01-04T00/01-05T00"]],
    ["intervals, none", { catchup: "none" }, []],
    [
      "instants, all",
      { catchup: "all", schedule: instants },
      [1, 2, 3, 4, 5].map((day) => `01-0${day}T00/01-0${day}T00`),
    ],
    ["instants, latest", { catchup: "latest", schedule: instants }, ["01-05T00/01-05T00"]],
    ["instants, none", { catchup: "none", schedule: instants }, []],
    ["once", { schedule: "@once" }, ["01-01T00/01-01T00"]],
    ["continuous", { schedule: "@continuous" }, ["01-01T00/01-05T10"]],
    ["manual", { schedule: null }, []],
  ])("%s", (_name, given, expected) => {
    expect(decide(given).runs).toEqual(expected);
  });

  test("then it looks again at the end of the next interval", () => {
    const { nextRunAfter, settledUntil, isAtLimit } = decide();
    expect(nextRunAfter).toEqual(january(6));
    expect(settledUntil).toEqual(january(5));
    expect(isAtLimit).toBe(false);
  });

  test("a DAG without schedule is never looked at again", () => {
    expect(decide({ schedule: null })).toMatchObject({
      nextRunAfter: undefined,
      isAtLimit: false,
      missedCount: 0,
      settledUntil: undefined,
    });
  });
});

describe("limits", () => {
  test("catchup creates as many runs as may be active, and goes on when one ends", () => {
    const first = decide({ activeRuns: 1, maxActiveRuns: 3 });
    expect(first.runs).toEqual(["01-01T00/01-02T00", "01-02T00/01-03T00"]);
    expect(first).toMatchObject({ nextRunAfter: undefined, isAtLimit: true });
    const second = decide({ activeRuns: 2, maxActiveRuns: 3, coveredUntil: january(3) });
    expect(second.runs).toEqual(["01-03T00/01-04T00"]);
  });

  test("a DAG at its limit with nothing due looks again in time", () => {
    const full = decide({ activeRuns: 3, maxActiveRuns: 3, coveredUntil: january(5) });
    expect(full).toMatchObject({ runs: [], nextRunAfter: january(6), isAtLimit: false });
  });

  test("more active runs than allowed create none", () => {
    expect(decide({ activeRuns: 9, maxActiveRuns: 3 })).toMatchObject({
      runs: [],
      isAtLimit: true,
    });
  });

  test("what one look may not create is due at once", () => {
    const result = decide({ limit: 2 });
    expect(result.runs).toHaveLength(2);
    expect(result).toMatchObject({ nextRunAfter: january(4), isAtLimit: false });
  });

  test("a continuous DAG has one run at a time", () => {
    expect(
      decide({ schedule: "@continuous", activeRuns: 1, coveredUntil: january(3) }),
    ).toMatchObject({
      runs: [],
      isAtLimit: true,
    });
  });
});

describe("what catchup leaves out", () => {
  test("latest reports it, in order, and settles it", () => {
    const result = decide({ catchup: "latest", coveredUntil: january(2) });
    expect(result.missed).toEqual(["01-02T00/01-03T00", "01-03T00/01-04T00"]);
    expect(result).toMatchObject({ missedCount: 2, missedSpan: "01-02T00/01-04T00" });
    const again = decide({ catchup: "latest", coveredUntil: result.settledUntil });
    expect(again).toMatchObject({ runs: [], missed: [], missedCount: 0 });
  });

  test("none reports all of it, and settles it without a run", () => {
    const result = decide({ catchup: "none", coveredUntil: january(2) });
    expect(result.missed).toHaveLength(3);
    expect(result).toMatchObject({ settledUntil: january(5), nextRunAfter: january(6) });
    const again = decide({ catchup: "none", coveredUntil: result.settledUntil });
    expect(again).toMatchObject({ missed: [], nextRunAfter: january(6) });
  });

  test("instants that are left out", () => {
    const result = decide({ catchup: "latest", schedule: instants, coveredUntil: january(2) });
    expect(result.missed).toEqual(["01-03T00/01-03T00", "01-04T00/01-04T00"]);
    const none = decide({ catchup: "none", schedule: instants, coveredUntil: january(2) });
    expect(none).toMatchObject({
      missedCount: 3,
      settledUntil: january(5),
      nextRunAfter: january(6),
    });
    const again = decide({ catchup: "none", schedule: instants, coveredUntil: none.settledUntil });
    expect(again).toMatchObject({ missedCount: 0, nextRunAfter: january(6) });
  });

  test("a piece between an old schedule's end and the new one's tick counts", () => {
    const coveredUntil = at("2026-01-02T12:00Z");
    expect(decide({ catchup: "latest", coveredUntil }).missed).toEqual([
      "01-02T12/01-03T00",
      "01-03T00/01-04T00",
    ]);
  });

  test("what another run covers is not missed", () => {
    const result = decide({
      catchup: "latest",
      coveredUntil: january(1),
      covered: [span(2, 3)],
    });
    expect(result.missed).toEqual(["01-01T00/01-02T00", "01-03T00/01-04T00"]);
  });

  test("an end date that passed in an outage bounds it", () => {
    const result = decide({ catchup: "none", coveredUntil: january(2), latest: january(3) });
    expect(result.missed).toEqual(["01-02T00/01-03T00", "01-03T00/01-04T00"]);
    expect(result).toMatchObject({ nextRunAfter: undefined, settledUntil: january(4) });
  });

  test.each<[string, Schedule, string]>([
    ["intervals", "* * * * *", "2026-01-05T09:59:00.000Z"],
    ["instants", { cron: "* * * * *", interval: "none" }, "2026-01-05T09:59:00.000Z"],
  ])("%s: a long list is cut, the count is bounded, the span is whole", (_name, schedule, end) => {
    const start = at("2025-01-01T00:00Z");
    const result = nextRunsOf({ schedule, catchup: "latest", earliest: start, limit: 3 });
    expect(result.missed).toHaveLength(3);
    expect(result.missedCount).toBe(missedCountLimit);
    expect(result.missedSpan).toEqual({ start, end: at(end) });
    expect(result.settledUntil).toEqual(at("2026-01-05T10:00Z"));
  });

  test("where the count tells nobody anything, no more is looked at than asked for, and all of it is settled", () => {
    const options = { schedule: "@hourly", catchup: "latest" } as const;
    const counted = nextRunsOf({ ...options, earliest: at("2025-01-01T00:00Z"), limit: 3 });
    const result = nextRunsOf({
      ...options,
      earliest: at("2025-01-01T00:00Z"),
      limit: 3,
      countLimit: 1,
    });
    expect(counted.missedCount).toBeGreaterThan(8_000);
    expect(result).toEqual({ ...counted, missedCount: 1, missed: counted.missed.slice(0, 1) });
  });

  test("a long list up to an end date ends with the last interval that it allows", () => {
    const start = at("2025-01-01T00:00Z");
    const latest = at("2025-12-01T00:00Z");
    const result = nextRunsOf({
      schedule: "@hourly",
      catchup: "none",
      earliest: start,
      latest,
      limit: 3,
    });
    expect(result.missedSpan).toEqual({ start, end: at("2025-12-01T01:00Z") });
  });
});

describe("what other runs cover", () => {
  test("is stepped over", () => {
    expect(decide({ covered: [span(1, 2), span(3, 4)] }).runs).toEqual([
      "01-02T00/01-03T00",
      "01-04T00/01-05T00",
    ]);
  });

  test("clips an interval to what is left", () => {
    const covered = [{ start: at("2026-01-02T06:00Z"), end: at("2026-01-02T18:00Z") }];
    expect(decide({ covered, coveredUntil: january(2), now: january(3) }).runs).toEqual([
      "01-02T00/01-02T06",
      "01-02T18/01-03T00",
    ]);
  });

  test("in the future moves the next run on", () => {
    const result = decide({ coveredUntil: january(5), covered: [span(5, 6)] });
    expect(result).toMatchObject({ runs: [], nextRunAfter: january(7) });
  });
});

test("all: whatever the outages, limits and foreign runs, each moment is covered once", () => {
  const day = fc.integer({ min: 1, max: 40 });
  const looks = fc.array(fc.record({ hours: fc.integer({ min: 1, max: 200 }), ended: fc.nat(3) }), {
    minLength: 1,
    maxLength: 15,
  });
  const foreign = fc.uniqueArray(day, { maxLength: 6 });
  fc.assert(
    fc.property(looks, foreign, fc.integer({ min: 1, max: 4 }), (steps, days, maxActiveRuns) => {
      const covered = days.sort((a, b) => a - b).map((from) => span(from, from + 1));
      const timetable = timetableOf({
        schedule: parseSchedule("0 */7 * * *"),
        timezone: "Europe/Berlin",
        startDate: "2026-01-01T00:00:00Z",
      });
      const runs: Interval[] = [];
      let [now, active] = [january(1).getTime(), 0];
      let coveredUntil: Date | undefined;
      for (const { hours, ended } of steps) {
        now += hours * 3_600_000;
        active = Math.max(0, active - ended);
        const result = nextRuns({
          timetable,
          restriction: { earliest: january(1), catchup: "all" },
          coveredUntil,
          covered,
          now: new Date(now),
          activeRuns: active,
          maxActiveRuns,
          limit: 10,
        });
        active += result.runs.length;
        expect(active).toBeLessThanOrEqual(maxActiveRuns);
        runs.push(...result.runs.map((run) => run.interval));
        coveredUntil = result.settledUntil;
      }
      const last = runs.at(-1)?.end;
      if (last === undefined) return;
      const all = [...runs, ...covered.filter((c) => c.start < last)].sort(
        (a, b) => a.start.getTime() - b.start.getTime(),
      );
      const first = all[0]?.start;
      const edges = all.slice(1).filter((c, i) => c.start.getTime() !== all[i]?.end.getTime());
      expect(edges.filter((c) => first !== undefined && c.start > first).map(said)).toEqual([]);
    }),
    { ...draw, numRuns: 300 },
  );
});
