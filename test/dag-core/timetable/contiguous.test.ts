import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  parseSchedule,
  timetableOf,
} from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { Timetable } from "../../../packages/dag-core/src/timetable/timetable.ts";

const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/Dublin",
  "America/New_York",
  "America/Sao_Paulo",
  "America/Havana",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "Asia/Gaza",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
];
const crons = [
  "0 0 * * *",
  "30 2 * * *",
  "15 * * * *",
  "*/20 1-3 * * *",
  "0 */2 * * *",
  "0 0-23 * * *",
  "45 23 * * SUN",
  "0 0 1 * MON",
  "59 23 31 12 *",
  "*/7 0-2 * 3,4,10,11 *",
];

const hour = 3_600_000;
const instants = fc.integer({ min: Date.UTC(1983, 0), max: Date.UTC(2036, 0) });
/** Instants near the changes of the clock, where the trouble is. */
const nights = fc
  .tuple(fc.integer({ min: 1984, max: 2035 }), fc.constantFrom(2, 3, 8, 9, 10, 11), fc.nat(31 * 24))
  .map(([year, month, hours]) => Date.UTC(year, month) + hours * hour);

const cases = fc.record({
  timezone: fc.constantFrom(...zones),
  cron: fc.uniqueArray(fc.constantFrom(...crons), { minLength: 1, maxLength: 2 }),
  gap: fc.constantFrom("shift", "skip"),
  overlap: fc.constantFrom("first", "second", "both"),
  from: fc.oneof(instants, nights),
});
type Schedule = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function timetable({ timezone, ...schedule }: Schedule, interval: "previous" | "none"): Timetable {
  return timetableOf({
    schedule: parseSchedule({
      cron: schedule.cron,
      gap: schedule.gap as "shift" | "skip",
      overlap: schedule.overlap as "first" | "second" | "both",
      interval,
    }),
    timezone,
    startDate: "1983-01-01T00:00:00Z",
  });
}

function take<T>(items: Iterable<T>, most: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length >= most) break;
    taken.push(item);
  }
  return taken;
}

const end = new Date("2040-01-01T00:00Z");

describe("in every zone, under every policy", () => {
  test("intervals are contiguous, disjoint and strictly increasing", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const runs = take(timetable(given, "previous").between(new Date(given.from), end), 200);
        const starts = runs.map((run) => run.interval.start.getTime());
        const ends = runs.map((run) => run.interval.end.getTime());
        expect(runs.filter((run) => run.interval.end <= run.interval.start)).toEqual([]);
        expect(starts.slice(1)).toEqual(ends.slice(0, -1));
      }),
      { numRuns: 400 },
    );
  });

  test("going back from a tick finds the ticks that going forward found", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const table = timetable(given, "none");
        const forward = take(table.between(new Date(given.from), end), 60);
        const last = forward.at(-1);
        if (last === undefined) return;
        const backward = [last.interval.start];
        for (let index = 1; index < forward.length; index++) {
          const at = backward.at(-1)?.getTime() ?? 0;
          const found = table.lastComplete(new Date(at - 1));
          if (found) backward.push(found.start);
        }
        expect(backward.reverse()).toEqual(forward.map((run) => run.interval.start));
      }),
      { numRuns: 200 },
    );
  });

  test("all: whenever the scheduler looks, time is covered once and without a hole", () => {
    const looks = fc.array(fc.integer({ min: 1, max: 96 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(cases, looks, (given, hours) => {
        const table = timetable(given, "previous");
        const restriction = { earliest: new Date(given.from), catchup: "all" } as const;
        const first = table.next({
          coveredUntil: undefined,
          restriction,
          now: new Date(given.from),
        });
        let coveredUntil = first?.interval.start;
        let now = given.from;
        const starts: Date[] = [];
        const positions: (Date | undefined)[] = [];
        for (const outage of hours) {
          now += outage * hour;
          for (let count = 0; count < 50; count++) {
            const run = table.next({ coveredUntil, restriction, now: new Date(now) });
            if (run === undefined || run.runAfter.getTime() > now) break;
            starts.push(run.interval.start);
            positions.push(coveredUntil);
            coveredUntil = run.interval.end;
          }
        }
        expect(starts).toEqual(positions);
      }),
      { numRuns: 200 },
    );
  });

  test("a change of schedule and zone at any moment leaves no hole and covers nothing twice", () => {
    fc.assert(
      fc.property(cases, cases, (before, after) => {
        const old = take(timetable(before, "previous").between(new Date(before.from), end), 3);
        const coveredUntil = old.at(-1)?.interval.end;
        if (coveredUntil === undefined) return;
        const next = timetable(after, "previous").next({
          coveredUntil,
          restriction: { earliest: new Date("1983-01-01"), catchup: "all" },
          now: coveredUntil,
        });
        expect(next?.interval.start).toEqual(coveredUntil);
        expect(next?.interval.end.getTime()).toBeGreaterThan(coveredUntil.getTime());
      }),
      { numRuns: 200 },
    );
  });
});
