import { type Claimable, type LimitKey, slotsOf } from "./limits.ts";
import type { RunState } from "./run-state.ts";

/** What wants slots, with its place in the order of claims. */
export interface InLine {
  readonly taskInstanceId: string;
  readonly priorityWeight: number;
  readonly orderAt: Date;
  readonly isBackfill: boolean;
}

/** Of a limit: slots that come back to it, and who of other runs stands first for it, of backfills and of the others. */
export interface Freed {
  readonly slots: number;
  readonly first: readonly InLine[];
}

const comesBefore = (a: InLine, b: InLine): number =>
  b.priorityWeight - a.priorityWeight ||
  a.orderAt.getTime() - b.orderAt.getTime() ||
  Number(a.taskInstanceId) - Number(b.taskInstanceId);

/**
 * Chooses who takes over slots of limits in the moment in which they come back, so that as much is taken as before and
 * nothing has to be counted. Only who a claim would take next: what somebody else comes first for, or may by the share of
 * backfills, or what its first wants more of than comes back, is left to a claim.
 *
 * @param most how many may start
 */
export function passOn<C extends Claimable & InLine>(
  candidates: readonly C[],
  freed: ReadonlyMap<LimitKey, Freed>,
  most: number,
): readonly C[] {
  if (new Set(candidates.map((candidate) => candidate.isBackfill)).size > 1) return [];
  const left = new Map([...freed].map(([key, { slots }]) => [key, slots]));
  const isNext = (one: C, key: LimitKey) =>
    (left.get(key) ?? 0) >= slotsOf(key, one.poolSlots) &&
    (freed.get(key)?.first ?? []).every(
      (other) => other.isBackfill === one.isBackfill && comesBefore(one, other) < 0,
    );
  const next: C[] = [];
  for (const one of candidates.toSorted(comesBefore)) {
    if (next.length >= most) break;
    const takes = one.limits.every((key) => isNext(one, key));
    for (const key of one.limits) {
      left.set(key, takes ? (left.get(key) ?? 0) - slotsOf(key, one.poolSlots) : 0);
    }
    if (takes) next.push(one);
  }
  return next;
}

/** What each process runs of a run. */
export type RunShares = ReadonlyMap<string, number>;

/** Whether another process runs more of a run, or as much and was there first. */
export function isMoreElsewhere(shares: RunShares, processId: string): boolean {
  const own = shares.get(processId) ?? 0;
  return [...shares].some(([id, n]) => n > own || (n === own && Number(id) < Number(processId)));
}

/** @param ended attempts that the process has just ended; they count as its own still */
export function sharesOf(run: RunState, processId: string, ended: number): RunShares {
  const shares = new Map([[processId, ended]]);
  for (const { processId: id } of run.inState("running")) {
    if (id !== null) shares.set(id, (shares.get(id) ?? 0) + 1);
  }
  return shares;
}
