import { isMoreElsewhere, type RunShares } from "../rules/pass-on.ts";
import { UnloadedDags } from "./unloaded-dags.ts";

/** For how long the others have what follows in a run to themselves. */
const leftMs = 100;
/** For how long a run is not left again: the others may have no slots for it. */
const keptMs = 2_000;

/**
 * Runs whose next tasks this process leaves to another one, which runs more of them. Two processes at the tasks of one run
 * make each other's copy of it old, so that each hop reads it anew; left by one, it comes together in the other.
 */
export class LeftRuns {
  readonly unloaded = new UnloadedDags();
  readonly #leftAt = new Map<string, number>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Runs that a claim passes over for now. */
  get ids(): readonly string[] {
    const now = this.#now();
    for (const [id, at] of this.#leftAt) if (now - at > keptMs) this.#leftAt.delete(id);
    return [...this.#leftAt].flatMap(([id, at]) => (now - at < leftMs ? [id] : []));
  }

  /** Whether what comes next in a run is left to another process: if it runs more, and had not its chance a moment ago. */
  isLeft(dagRunId: string, shares: RunShares, processId: string): boolean {
    if (!isMoreElsewhere(shares, processId)) return false;
    const now = this.#now();
    const passedMs = now - (this.#leftAt.get(dagRunId) ?? -Infinity);
    if (passedMs > keptMs) this.#leftAt.set(dagRunId, now);
    return passedMs > keptMs || passedMs < leftMs;
  }
}
