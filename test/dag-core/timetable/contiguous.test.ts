import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { check, checkNone, holdsFor } from "../../helpers/property.ts";
import {
  cronSchedules,
  day,
  instants,
  intervalSchedules,
  scheduled,
  take,
  windowEnd,
  windowStart,
  zones,
} from "../../helpers/schedules.ts";

const end = new Date(windowEnd);

describe("in every zone, under every policy, anywhere in twenty years", () => {
  test("intervals are contiguous, disjoint and strictly increasing", () => {
    holdsFor(
      fc.property(intervalSchedules, instants, ({ timetable }, from) => {
        const runs = take(timetable.between(new Date(from), end), 100);
        checkNone(
          runs.filter(({ interval }) => interval.end <= interval.start),
          "empty",
        );
        const isSeam = (start: Date, at: number) =>
          at > 0 && start.getTime() !== runs[at - 1]?.interval.end.getTime();
        checkNone(
          runs.filter(({ interval }, at) => isSeam(interval.start, at)),
          "seams",
        );
      }),
      { cases: 10_000 },
    );
  });

  test("going back from a tick finds the ticks that going forward found", () => {
    holdsFor(
      fc.property(cronSchedules("none"), instants, ({ timetable }, from) => {
        const forward = take(timetable.between(new Date(from), end), 40);
        const last = forward.at(-1);
        if (last === undefined) return;
        const backward = [last.interval.start];
        for (let index = 1; index < forward.length; index++) {
          const at = backward.at(-1)?.getTime() ?? 0;
          const found = timetable.lastComplete(new Date(at - 1));
          if (found) backward.push(found.start);
        }
        expect(backward.reverse()).toEqual(forward.map((run) => run.interval.start));
      }),
      { cases: 5_000 },
    );
  });

  test("the interval that covers an instant holds it, and begins where the one before ends", () => {
    holdsFor(
      fc.property(intervalSchedules, instants, ({ timetable }, at) => {
        const found = timetable.covering(new Date(at));
        if (found === undefined) throw new Error("no interval covers it");
        check(found.start.getTime() <= at && at < found.end.getTime(), "it is outside");
        const before = timetable.lastComplete(found.start)?.end.getTime();
        check(before === found.start.getTime(), "the one before ends elsewhere");
      }),
      { cases: 5_000 },
    );
  });

  test("a change of schedule and zone at any moment leaves no hole and covers nothing twice", () => {
    holdsFor(
      fc.property(intervalSchedules, intervalSchedules, instants, (before, after, from) => {
        const old = take(before.timetable.between(new Date(from), end), 3);
        const coveredUntil = old.at(-1)?.interval.end;
        if (coveredUntil === undefined) return;
        const next = after.timetable.next({
          coveredUntil,
          restriction: { earliest: new Date(windowStart), catchup: "all" },
          now: coveredUntil,
        });
        check(next?.interval.start.getTime() === coveredUntil.getTime(), "a hole, or twice");
        check(next !== undefined && next.interval.end > coveredUntil, "empty");
      }),
      { cases: 5_000 },
    );
  });
});

describe("the whole of twenty years at once", () => {
  const policies = (["shift", "skip"] as const).flatMap((gap) =>
    (["first", "second", "both"] as const).map((overlap) => ({ gap, overlap })),
  );

  test.each(zones)("%s, every night at 00:00 and 02:30", (timezone) => {
    for (const policy of policies) {
      const { timetable } = scheduled(
        { kind: "cron", crons: ["0 0 * * *", "30 2 * * *"], interval: "previous", ...policy },
        timezone,
      );
      let position: Date | undefined;
      let count = 0;
      for (const { interval } of timetable.between(new Date(windowStart), end)) {
        if (position !== undefined && interval.start.getTime() !== position.getTime())
          throw new Error(`a hole at ${interval.start.toISOString()}`);
        if (interval.end <= interval.start)
          throw new Error(`empty at ${interval.start.toISOString()}`);
        position = interval.end;
        count += 1;
      }
      const nights = (windowEnd - windowStart) / day;
      expect(Math.abs(count - 2 * nights)).toBeLessThanOrEqual(40);
    }
  });
});
