import { admit, type Claimable, type LimitKey, type LimitSlots, Room } from "./limits.ts";

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
  /** Whether its run is left to another process; then it is not locked, and keeps its place. Defaults to false. */
  readonly isLeft?: boolean;
}

export interface ShareOptions {
  readonly slots: number;
  /** Slots of the process that backfills may take while other work waits, less what they take already. */
  readonly backfillSlots: number;
  readonly limits: LimitSlots;
  /** Of the limits, the share of backfills. */
  readonly share: LimitSlots;
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
  const { slots, isAllOther } = options;
  const room = new Room(options.limits);
  const backfills = inOrder(candidates, true);
  const within = admit(
    backfills,
    [new Room(options.share), room],
    Math.min(options.backfillSlots, slots),
  ).admitted;
  const blocked = candidates.filter((one) => !one.isBackfill && !holdsItsPlace(one));
  const others = admit([...inOrder(candidates, false), ...blocked], [room]);
  const left = slots - within.length;
  const started = others.admitted.filter((one) => one.isLocked).slice(0, Math.max(0, left));
  const full = new Set(others.full);
  const spare = left - others.admitted.length;
  const chosen = new Set(within);
  const over = isAllOther && spare > 0 ? backfills.filter((one) => !chosen.has(one)) : [];
  const rest = admit(over, [room], spare);
  for (const key of rest.full) full.add(key);
  const admitted = [...within, ...started, ...rest.admitted].filter((one) => one.isLocked);
  return { admitted, full };
}

/** One of several slots that another transaction is at would be overtaken whenever that is so. */
const holdsItsPlace = (one: SharedCandidate): boolean =>
  one.isLocked || one.isLeft === true || one.poolSlots > 1;

const inOrder = <C extends SharedCandidate>(candidates: readonly C[], isBackfill: boolean) =>
  candidates.filter((one) => one.isBackfill === isBackfill && holdsItsPlace(one));
