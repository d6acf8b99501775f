import type { TickSequence } from "./ticks.ts";

/**
 * Ticks at a fixed distance in elapsed time, in both directions from an anchor.
 *
 * @param anchorMs a tick: the DAG's start date, so that intervals start where the DAG does.
 */
export function everyTicks(everyMs: number, anchorMs: number): TickSequence {
  const steps = (ms: number) => (ms - anchorMs) / everyMs;
  return {
    next: (afterMs) => anchorMs + (Math.floor(steps(afterMs)) + 1) * everyMs,
    previous: (beforeMs) => anchorMs + (Math.ceil(steps(beforeMs)) - 1) * everyMs,
  };
}
