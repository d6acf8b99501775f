import { intervalOfMs } from "./data-interval.ts";
import { alignNext, alignPrevious, isMissed, newestWithin, type TickSequence } from "./ticks.ts";
import { type NextRunArguments, runOf, type RunTime, type Timetable } from "./timetable.ts";

const runAt = (ms: number): RunTime => runOf(intervalOfMs(ms, ms));

/** The first tick that `catchup` still runs. */
function firstWanted(ticks: TickSequence, args: NextRunArguments): number | undefined {
  const { restriction, now } = args;
  const earliest = alignNext(ticks, restriction.earliest.getTime());
  if (earliest === undefined || restriction.catchup === "all") return earliest;
  const newest = alignPrevious(ticks, now.getTime());
  if (newest === undefined) return earliest;
  const following = ticks.next(newest);
  const isGivenUp =
    restriction.catchup === "none" &&
    isMissed(newest, (following ?? Infinity) - newest, now.getTime());
  if (!isGivenUp) return Math.max(earliest, newestWithin(ticks, newest, restriction));
  return following === undefined ? undefined : Math.max(earliest, following);
}

function nextRun(ticks: TickSequence, args: NextRunArguments): RunTime | undefined {
  const wanted = firstWanted(ticks, args);
  const position = args.coveredUntil?.getTime();
  const following = position === undefined ? wanted : ticks.next(position);
  if (wanted === undefined || following === undefined) return undefined;
  const tick = Math.max(wanted, following);
  return tick > (args.restriction.latest?.getTime() ?? Infinity) ? undefined : runAt(tick);
}

function* runsBetween(ticks: TickSequence, from: Date, to: Date): Generator<RunTime> {
  let tick = alignNext(ticks, from.getTime());
  while (tick !== undefined && tick <= to.getTime()) {
    yield runAt(tick);
    tick = ticks.next(tick);
  }
}

/** A run at each tick, about that instant. */
export function instantTimetable(ticks: TickSequence): Timetable {
  return {
    isPeriodic: true,
    next: (args) => nextRun(ticks, args),
    lastComplete: (at) => {
      const tick = alignPrevious(ticks, at.getTime());
      return tick === undefined ? undefined : intervalOfMs(tick, tick);
    },
    between: (from, to) => ({ [Symbol.iterator]: () => runsBetween(ticks, from, to) }),
    covering: (at) => {
      const isTick = alignPrevious(ticks, at.getTime()) === at.getTime();
      return isTick ? { start: at, end: at } : undefined;
    },
  };
}
