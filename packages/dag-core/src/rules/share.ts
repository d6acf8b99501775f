import { admit, type Claimable, type LimitKey, slotsOf } from "./limits.ts";

/**
 * Slots that backfills may take while other work waits: a part of all, at least one, never all of them. Of a single
 * slot there is no part: other work goes first.
 *
 * @param percent the part; 100 lets backfills compete like any other run
 */
export function shareOf(slots: number, percent: number): number {
  if (percent >= 100) return slots;
  const part = Math.max(1, Math.floor((slots * percent) / 100));
  return Math.max(0, Math.min(part, slots - 1));
}

export interface SharedCandidate extends Claimable {
  readonly isBackfill: boolean;
  /** Whether its run could be locked; one that another transaction is at keeps its place and is not admitted. */
  readonly isLocked: boolean;
}

export interface ShareOptions {
  readonly slots: number;
  /** Slots of the process that backfills may take while other work waits, less what they take already. */
  readonly backfillSlots: number;
  /** Free slots by limit, counted under the lock. */
  readonly open: ReadonlyMap<LimitKey, number>;
  /** Free slots of the share of backfills, by limit. */
  readonly openShare: ReadonlyMap<LimitKey, number>;
  /** Whether every candidate that is no backfill's is among those given. */
  readonly isAllOther: boolean;
}

export interface Admitted<C> {
  readonly admitted: readonly C[];
  readonly full: ReadonlySet<LimitKey>;
}

/**
 * Chooses what may start where runs of backfills and others want the same slots: first backfills within their share,
 * then the others, then backfills again, which thereby take whatever nobody else can use.
 */
export function admitShared<C extends SharedCandidate>(
  candidates: readonly C[],
  options: ShareOptions,
): Admitted<C> {
  const { open, openShare, isAllOther } = options;
  const of = (isBackfill: boolean, isLocked: boolean) =>
    candidates.filter((one) => one.isBackfill === isBackfill && one.isLocked === isLocked);
  const backfills = of(true, true);
  const within = admit(backfills, least(open, openShare)).admitted.slice(
    0,
    Math.max(0, Math.min(options.backfillSlots, options.slots)),
  );
  const blocked = of(false, false);
  const others = admit([...of(false, true), ...blocked], less(open, within));
  const left = options.slots - within.length;
  const started = others.admitted.filter((one) => one.isLocked).slice(0, Math.max(0, left));
  const full = new Set(others.full);
  const spare = left - others.admitted.length;
  if (!isAllOther || spare <= 0) return { admitted: [...within, ...started], full };
  const chosen = new Set(within);
  const rest = admit(
    backfills.filter((one) => !chosen.has(one)),
    less(open, [...within, ...others.admitted]),
  );
  for (const key of rest.full) full.add(key);
  return { admitted: [...within, ...started, ...rest.admitted.slice(0, spare)], full };
}

function least(
  open: ReadonlyMap<LimitKey, number>,
  openShare: ReadonlyMap<LimitKey, number>,
): ReadonlyMap<LimitKey, number> {
  return new Map(
    [...open].map(([key, slots]) => [key, Math.min(slots, openShare.get(key) ?? slots)]),
  );
}

function less(
  open: ReadonlyMap<LimitKey, number>,
  taken: readonly Claimable[],
): ReadonlyMap<LimitKey, number> {
  const left = new Map(open);
  for (const { limits, poolSlots } of taken) {
    for (const key of limits) {
      const slots = left.get(key);
      if (slots !== undefined) left.set(key, slots - slotsOf(key, poolSlots));
    }
  }
  return left;
}
