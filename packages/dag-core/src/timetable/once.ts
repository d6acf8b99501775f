import { runOf, type Timetable } from "./timetable.ts";

/** One run about the start date, whatever `catchup` says. */
export function onceTimetable(startDate: Date): Timetable {
  const instant = { start: startDate, end: startDate };
  return {
    isPeriodic: false,
    next: (args) => {
      const { latest } = args.restriction;
      const isOver =
        args.coveredUntil !== undefined || (latest !== undefined && startDate > latest);
      return isOver ? undefined : runOf(instant);
    },
    lastComplete: (at) => (startDate <= at ? instant : undefined),
    between: () => [],
    covering: (at) => (at.getTime() === startDate.getTime() ? instant : undefined),
  };
}
