import { intervalOfMs } from "./data-interval.ts";
import { runOf, type Timetable } from "./timetable.ts";

/** One run after the other, each about the time from the end of the last one's interval until now. */
export function continuousTimetable(): Timetable {
  return {
    isPeriodic: false,
    activeRunsLimit: 1,
    next: (args) => {
      const { earliest, latest } = args.restriction;
      const start = Math.max(args.coveredUntil?.getTime() ?? -Infinity, earliest.getTime());
      const end = Math.max(args.now.getTime(), start + 1);
      if (latest !== undefined && end > latest.getTime()) return undefined;
      return runOf(intervalOfMs(start, end));
    },
    lastComplete: () => undefined,
    between: () => [],
    covering: () => undefined,
  };
}
