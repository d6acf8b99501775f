import type { PartitionOffsets } from "./hook.ts";
import type { StoredOffset } from "./kafka-offsets.ts";

/** Where the reading of one partition is. */
export interface PartitionCursor {
  readonly partition: number;
  /** The end that the partition had when the reading began; it stops there. */
  readonly end: bigint;
  /** The offset in the database. */
  stored: bigint;
  /** The next offset to take. */
  position: bigint;
  /** The message before `position`, to be read again and compared before anything is taken. */
  verify: (NonNullable<StoredOffset["last"]> & { readonly offset: bigint }) | undefined;
}

export interface ConsumePlan {
  readonly cursors: ReadonlyMap<number, PartitionCursor>;
  /** Messages that the broker dropped before they were read, by partition. */
  readonly lost: ReadonlyMap<number, bigint>;
  /** Why the topic cannot be the one that was read before. */
  readonly recreated: string | undefined;
}

export const isDone = (cursor: PartitionCursor): boolean =>
  cursor.verify === undefined && cursor.position >= cursor.end;

/** What is to be read, from the broker's offsets and the stored ones. Pure. */
export function consumePlan(
  offsets: readonly PartitionOffsets[],
  stored: ReadonlyMap<number, StoredOffset>,
): ConsumePlan {
  const cursors = new Map<number, PartitionCursor>();
  const lost = new Map<number, bigint>();
  const reasons: string[] = [];
  for (const { partition, earliest, end } of offsets) {
    const known = stored.get(partition);
    const next = known?.nextOffset ?? BigInt(earliest);
    const first = BigInt(earliest);
    if (next > BigInt(end)) reasons.push(`partition ${partition} ends at ${end}, before ${next}`);
    if (next < first) lost.set(partition, first - next);
    const last = known?.last;
    // The message before the stored offset is only there while the broker keeps it.
    const verify = last && next > first ? { ...last, offset: next - 1n } : undefined;
    const position = next < first ? first : next;
    cursors.set(partition, { partition, end: BigInt(end), stored: next, position, verify });
  }
  for (const partition of stored.keys()) {
    if (!cursors.has(partition)) reasons.push(`partition ${partition} is gone`);
  }
  return { cursors, lost, recreated: reasons.length > 0 ? reasons.join(", ") : undefined };
}
