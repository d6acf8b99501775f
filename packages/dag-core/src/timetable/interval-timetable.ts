import { type Interval, intervalOfMs } from "./data-interval.ts";
import { alignNext, alignPrevious, isMissed, newestWithin, type TickSequence } from "./ticks.ts";
import { type NextRunArguments, runOf, type RunTime, type Timetable } from "./timetable.ts";

/** The first tick from the start date on; where time is covered beyond that date, the end of it. */
function earliestStart(ticks: TickSequence, args: NextRunArguments): number | undefined {
  const bound = args.restriction.earliest.getTime();
  const position = args.coveredUntil?.getTime();
  return position !== undefined && position >= bound ? position : alignNext(ticks, bound);
}

/** Where the first interval that `catchup` still runs starts. */
function firstWanted(ticks: TickSequence, args: NextRunArguments): number | undefined {
  const { restriction, now } = args;
  const earliest = earliestStart(ticks, args);
  if (earliest === undefined || restriction.catchup === "all") return earliest;
  const complete = lastComplete(ticks, now.getTime());
  if (complete === undefined) return earliest;
  const [start, end] = complete;
  if (restriction.catchup === "none" && isMissed(end, end - start, now.getTime())) {
    return Math.max(earliest, end);
  }
  return Math.max(earliest, newestWithin(ticks, start, restriction));
}

function lastComplete(ticks: TickSequence, atMs: number): [number, number] | undefined {
  const end = alignPrevious(ticks, atMs);
  const start = end === undefined ? undefined : ticks.previous(end);
  return start === undefined || end === undefined ? undefined : [start, end];
}

function nextRun(ticks: TickSequence, args: NextRunArguments): RunTime | undefined {
  // Not always a tick: after a change of schedule it is the old one's end, and the interval joins old and new.
  const start = firstWanted(ticks, args);
  const latest = args.restriction.latest?.getTime() ?? Infinity;
  if (start === undefined || start > latest) return undefined;
  const end = ticks.next(start);
  if (end === undefined) return undefined;
  return runOf(intervalOfMs(start, end));
}

function* runsBetween(ticks: TickSequence, from: Date, to: Date): Generator<RunTime> {
  let start = alignNext(ticks, from.getTime());
  while (start !== undefined && start <= to.getTime()) {
    const end = ticks.next(start);
    if (end === undefined) return;
    yield runOf(intervalOfMs(start, end));
    start = end;
  }
}

/** A run at each tick, about the time since the tick before: the intervals join without a hole. */
export function intervalTimetable(ticks: TickSequence): Timetable {
  return {
    isPeriodic: true,
    next: (args) => nextRun(ticks, args),
    lastComplete: (at): Interval | undefined => {
      const found = lastComplete(ticks, at.getTime());
      return found && intervalOfMs(...found);
    },
    between: (from, to) => ({ [Symbol.iterator]: () => runsBetween(ticks, from, to) }),
    covering: (at) => {
      const start = alignPrevious(ticks, at.getTime());
      const end = start === undefined ? undefined : ticks.next(start);
      return start === undefined || end === undefined ? undefined : intervalOfMs(start, end);
    },
  };
}
