import type { FinishReport } from "../scheduler/hop.ts";
import type { RunCache } from "../scheduler/run-cache.ts";
import type { LeftRuns } from "../scheduler/left-runs.ts";
import type { Claimed } from "./claim.ts";

/** For how long what a claim saw of the backlog is taken to be so. */
const backlogMs = 100;

/** What a process knows of the work that waits for a claim, so that a hop does not start its own before it. */
export class Backlog {
  /** Runs whose next tasks are another process's. */
  readonly left: LeftRuns;
  #seen: (Pick<Claimed, "onlyRun" | "hasOther"> & { readonly seenAt: number }) | undefined;
  #isOtherWanted = false;
  #mayBeReady = true;
  #isHeldBack = false;
  #wasHeldBack = false;

  constructor(left: LeftRuns) {
    this.left = left;
  }

  /** Whether anything may stand ready: not once a claim found nothing at all, until somebody tells of something new. */
  get mayBeReady(): boolean {
    return this.#mayBeReady;
  }

  /** Whether a claim may find something: not where full limits held back all that the last one left, until then either. */
  get isClaimable(): boolean {
    return this.#mayBeReady && !this.#isHeldBack;
  }

  /** Something became ready that the next claim looks at. */
  grew(isOther: boolean): void {
    this.#isOtherWanted ||= isOther;
    this.#mayBeReady = true;
    this.#isHeldBack = false;
  }

  /** @returns what a claim passes over, and whether full limits held back what the last one left */
  claimBegins(): { readonly left: LeftRuns; readonly mayBeFull: boolean } {
    this.#isOtherWanted = false;
    return { left: this.left, mayBeFull: this.#wasHeldBack };
  }

  claimed({ hasBacklog, onlyRun, hasOther, isAllTaken, isHeldBack }: Claimed): void {
    // What became ready while the claim was under way has called for another one.
    this.#mayBeReady = !isAllTaken;
    this.#isHeldBack = isHeldBack;
    this.#wasHeldBack = isHeldBack;
    this.#seen = hasBacklog ? { onlyRun, hasOther, seenAt: performance.now() } : undefined;
  }

  /** While others wait, what follows here waits its turn by priority; unless it was first, a moment ago. */
  mayStart(finished: readonly FinishReport[], cache: RunCache): boolean {
    if (!goesOn(cache, finished)) return false;
    if (this.#seen === undefined) return true;
    const { onlyRun, seenAt } = this.#seen;
    if (performance.now() - seenAt > backlogMs) return false;
    return finished.every((report) => report.dagRunId === onlyRun);
  }

  /** Slots that runs of backfills may take without a claim: none where other work may wait for one. */
  backfillSlots(slots: number): number {
    return this.#isOtherWanted || this.#seen?.hasOther === true ? 0 : slots;
  }
}

/** Whether anything may follow in the runs of these attempts; where nothing does, their hop needs no slots. */
function goesOn(cache: RunCache, finished: readonly FinishReport[]): boolean {
  const runs = Map.groupBy(finished, (report) => report.dagRunId);
  return [...runs].some(([id, own]) => (cache.peek(id)?.state.unfinished ?? Infinity) > own.length);
}
