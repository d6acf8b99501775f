import { crc32 } from "node:zlib";
import type { PostgresHook, PostgresSession } from "../postgres/hook.ts";
import { ownQueries } from "../own-queries.ts";
import type { KafkaMessage, PartitionOffsets } from "./hook.ts";

/** What the database knows of a partition. */
export interface StoredOffset {
  readonly partition: number;
  readonly nextOffset: bigint;
  /** The last message that was taken, to recognise a topic that was created anew. */
  readonly last: { readonly timestampMs: number; readonly checksum: string } | undefined;
}

/** A partition's move from one offset to another; `last` is the last message taken, or none. */
export interface OffsetMove {
  readonly partition: number;
  readonly expected: bigint;
  readonly next: bigint;
  readonly last: KafkaMessage | undefined;
}

export interface Reader {
  readonly consumer: string;
  readonly topic: string;
}

interface StoredRow {
  readonly partition: number;
  readonly next_offset: string;
  readonly last_timestamp: string | null;
  readonly last_checksum: string | null;
}

const queries = () =>
  ownQueries<
    | "KafkaOffsetsCreate"
    | "KafkaOffsetsExist"
    | "KafkaOffsetsRead"
    | "KafkaOffsetsStart"
    | "KafkaOffsetsMove"
    | "KafkaOffsetsForget"
  >("kafka_offsets.sql");
let loaded: ReturnType<typeof queries> | undefined;
const sql = (): ReturnType<typeof queries> => (loaded ??= queries());

export function messageChecksum({ key, value }: Pick<KafkaMessage, "key" | "value">): string {
  const sum = crc32(value ?? "", crc32(key ?? ""));
  return `crc32:${sum.toString(16).padStart(8, "0")}`;
}

async function offsetsExist(session: PostgresSession): Promise<boolean> {
  const { rows } = await session.query<{ exists: boolean }>((await sql()).KafkaOffsetsExist);
  return rows[0]?.exists === true;
}

/** Creates the table where it is not there; asks first, because an ordinary account may not create. */
export async function ensureOffsets(hook: PostgresHook): Promise<void> {
  if (await offsetsExist(hook)) return;
  const { KafkaOffsetsCreate } = await sql();
  await hook.transaction((tx) => tx.named(KafkaOffsetsCreate));
}

export async function readOffsets(
  session: PostgresSession,
  { consumer, topic }: Reader,
): Promise<Map<number, StoredOffset>> {
  if (!(await offsetsExist(session))) return new Map();
  const { KafkaOffsetsRead } = await sql();
  const { rows } = await session.named<StoredRow>(KafkaOffsetsRead, { consumer, topic });
  return new Map(rows.map((row) => [row.partition, storedOffset(row)]));
}

const storedOffset = (row: StoredRow): StoredOffset => ({
  partition: row.partition,
  nextOffset: BigInt(row.next_offset),
  last:
    row.last_timestamp === null || row.last_checksum === null
      ? undefined
      : { timestampMs: Date.parse(row.last_timestamp), checksum: row.last_checksum },
});

/** Gives partitions that the database does not know yet their first offset. */
export async function startOffsets(
  session: PostgresSession,
  reader: Reader,
  partitions: readonly PartitionOffsets[],
): Promise<void> {
  const { KafkaOffsetsStart } = await sql();
  await session.named(KafkaOffsetsStart, {
    ...reader,
    partitions: partitions.map(({ partition }) => partition),
    next_offsets: partitions.map(({ earliest }) => earliest),
  });
}

/** Moves partitions by compare and set; answers with how many were where they were expected. */
export async function moveOffsets(
  session: PostgresSession,
  reader: Reader,
  moves: readonly OffsetMove[],
): Promise<number> {
  const { KafkaOffsetsMove } = await sql();
  const { rowCount } = await session.named(KafkaOffsetsMove, {
    ...reader,
    partitions: moves.map(({ partition }) => partition),
    expected: moves.map(({ expected }) => expected),
    next_offsets: moves.map(({ next }) => next),
    timestamps: moves.map(({ last }) => last && new Date(Number(last.timestamp))),
    checksums: moves.map(({ last }) => last && messageChecksum(last)),
  });
  return rowCount;
}

/** Drops what is stored of partitions other than these. */
export async function forgetOffsets(
  session: PostgresSession,
  reader: Reader,
  partitions: readonly number[],
): Promise<void> {
  const { KafkaOffsetsForget } = await sql();
  await session.named(KafkaOffsetsForget, { ...reader, partitions });
}
