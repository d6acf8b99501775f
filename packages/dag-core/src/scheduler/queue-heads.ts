import type { QueuedKey } from "../store/dag-run.ts";
import { LowWater } from "./low-water.ts";

/** The lowest and the highest key of the last look that found any. */
export interface Span<Key> {
  readonly first: Key;
  readonly last: Key;
}

/** Nothing found: whatever lay up to the highest key known is gone. */
export function spanOf<Key>(
  keys: readonly Key[],
  known: Span<Key> | undefined,
): Span<Key> | undefined {
  const [first, last] = [keys[0], keys.at(-1)];
  if (first !== undefined && last !== undefined) return { first, last };
  return known && { first: known.last, last: known.last };
}

const startMs = 2_000;
/** No row comes before the mark of those that run; what is distrusted is only a server that was set back. */
const runningMs = 60_000;

/**
 * The queues of runs that this process looks into again and again. Not that of ready tasks: those of the oldest runs come
 * first in it and become ready last, so what comes below a mark is the rule there.
 */
export class QueueHeads {
  /** Of the queued runs of DAGs and backfills. */
  readonly queued: LowWater<Span<QueuedKey>>;
  /** Of the running runs of DAGs and backfills, by their slot numbers. */
  readonly running: LowWater<string>;

  /** @param now milliseconds of a clock; one that stands still lets every look begin at the head. */
  constructor(now: () => number = () => performance.now()) {
    this.queued = new LowWater({ longestMs: startMs, now });
    this.running = new LowWater({ longestMs: runningMs, now });
  }
}
