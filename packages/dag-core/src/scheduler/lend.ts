import type { LeftRuns } from "./left-runs.ts";

/** Free slots of a process, and in whose name they are. */
export interface Lent {
  readonly slots: number;
  /** Of them, those that runs of backfills may take. */
  readonly backfillSlots: number;
  readonly processId: string | undefined;
  /** What this process leaves to others; absent: nothing. */
  readonly left?: LeftRuns;
  /**
   * Whether runs that find no slot may stay in the queue: this process looks again when slots come back, and knows of no
   * tasks that wait for them. Defaults to false.
   */
  readonly mayLeaveQueued?: boolean;
}

/** Lends the free slots of this process for one transaction. */
export type Lend = <T>(fn: (lent: Lent) => Promise<T>) => Promise<T>;

/** What a transaction is told of the slots that are lent to it. */
export const slotsOf = ({ slots, backfillSlots, processId, left }: Lent) => ({
  slots: () => slots,
  backfillSlots: () => backfillSlots,
  processId,
  ...(left && { left }),
});
