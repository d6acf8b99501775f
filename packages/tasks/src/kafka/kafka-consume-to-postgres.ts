import { durationMs, type TaskContext } from "@tidemill/dag-core";
import type { PostgresHook } from "../postgres/hook.ts";
import {
  gapError,
  lostCount,
  overtakenError,
  recreatedError,
  sharedError,
  TopicRecreatedError,
} from "./consume-errors.ts";
import { type ConsumePlan, consumePlan, type PartitionCursor } from "./consume-plan.ts";
import { topicExists } from "./ensure-topic.ts";
import type { KafkaHook, KafkaMessage } from "./hook.ts";
import type {
  KafkaConsumeResult,
  KafkaConsumeToPostgresOptions,
  StoreBatch,
} from "./kafka-consume-options.ts";
import {
  ensureOffsets,
  forgetOffsets,
  moveOffsets,
  type OffsetMove,
  type Reader,
  readOffsets,
  startOffsets,
} from "./kafka-offsets.ts";
import { isStandIn } from "./open.ts";
import { readToEnd, SharedGroupError } from "./read-to-end.ts";
import { topicMissing } from "./topic-missing.ts";

/** The parts that a run of the operator holds on to. */
interface Consuming {
  readonly ctx: TaskContext;
  readonly options: KafkaConsumeToPostgresOptions;
  readonly reader: Reader;
  readonly source: KafkaHook;
  readonly target: PostgresHook;
}

interface Counts {
  messages: number;
  rows: number;
  rejected: number;
  batches: number;
}

/**
 * Reads a topic into Postgres, each message exactly once: a batch's rows and its offsets are one transaction in
 * the target database, and the offsets move by compare and set, so that of two readers one rolls back.
 *
 * While a batch is stored the next one is read, and no more than that: two batches are in memory at most.
 *
 * Reading starts at the offsets in `etl.kafka_offsets` of the target (created if missing), else at the earliest
 * message, and stops at the ends that the partitions had when it began. The broker's offsets of the group named
 * `consumer` are set at the end as a hint for Kafka's own tools; they decide nothing.
 *
 * @returns What was read; `complete` is false when `maxDuration` ended it.
 * @throws TidemillError `TIDEMILL_STATE_REFUSED` when another process reads as the same consumer, when the topic was
 * created anew (`onRecreated`), or when the broker dropped messages that were not read (`onGap`);
 * `TIDEMILL_CONNECTION_UNREACHABLE` when a system is down. What was committed before stays.
 * @example
 * await kafkaConsumeToPostgres(ctx, { from: events, topic: "user_events", consumer: "raw", into: shop,
 *   async write(tx, batch) {
 *     const rows = await tx.copyFrom("raw.messages", ["partition", "kafka_offset", "body"],
 *       batch.map((m) => [m.partition, m.offset, m.value]), { types: ["int4", "int8", "text"] });
 *     return { rows };
 *   } });
 */
export async function kafkaConsumeToPostgres(
  ctx: TaskContext,
  options: KafkaConsumeToPostgresOptions,
): Promise<KafkaConsumeResult> {
  const { topic, consumer, onRecreated = "fail" } = options;
  const source = await ctx.open(options.from);
  const target = await ctx.open(options.into);
  const consuming = { ctx, options, reader: { consumer, topic }, source, target };
  if (!(await topicExists(await source.admin(), topic))) throw topicMissing(topic, source.address);
  await ensureOffsets(target);
  try {
    return await consume(consuming);
  } catch (error) {
    if (error instanceof SharedGroupError) throw sharedError(consuming.reader, error);
    if (!(error instanceof TopicRecreatedError)) throw source.explain(error);
    if (onRecreated === "fail") throw recreatedError(consuming.reader, error);
    ctx.log.warn(`topic "${topic}" was created anew: ${error.message}; reading it from its start`);
    await startAgain(consuming);
    return consume(consuming);
  }
}

async function consume(consuming: Consuming): Promise<KafkaConsumeResult> {
  const { ctx, options, reader, source } = consuming;
  const plan = await planOf(consuming);
  if (plan.recreated !== undefined) throw new TopicRecreatedError(plan.recreated);
  await crossGaps(consuming, plan);
  const counts: Counts = { messages: 0, rows: 0, rejected: 0, batches: 0 };
  const before = [...plan.cursors.values()].map(({ stored }) => stored);
  const groupId = await freeGroup(consuming);
  const end = await readToEnd({
    consumer: source.consumer({ groupId }),
    topic: reader.topic,
    cursors: plan.cursors,
    batchSize: options.batchSize ?? 2_000,
    onBatch: (batch) => {
      const store = storeOf(options, batch);
      return () => storeBatch(consuming, plan.cursors, { batch, store }, counts);
    },
    signal: ctx.signal,
    deadline:
      options.maxDuration === undefined
        ? Number.POSITIVE_INFINITY
        : performance.now() + durationMs(options.maxDuration),
    leaveHint: groupId === reader.consumer,
  });
  if (end === "idle") ctx.log.warn(`topic "${reader.topic}" gave no message up to its end`);
  if (groupId !== reader.consumer) await forgetGroup(source, groupId);
  const after = [...plan.cursors.values()].map(({ stored }) => stored);
  const partitions = after.filter((stored, i) => stored !== before[i]).length;
  const lost = lostCount(plan.lost);
  ctx.log.info(`read ${reader.topic} as ${reader.consumer}`, { ...counts, partitions, lost });
  return { ...counts, partitions, lost, complete: end === "complete" };
}

async function planOf({ source, target, reader }: Consuming): Promise<ConsumePlan> {
  const offsets = await source.offsets(reader.topic);
  await startOffsets(target, reader, offsets);
  return consumePlan(offsets, await readOffsets(target, reader));
}

/** Where the broker dropped messages, the stored offset moves past them, or the task fails. */
async function crossGaps(
  { ctx, options, target, reader }: Consuming,
  plan: ConsumePlan,
): Promise<void> {
  if (plan.lost.size === 0) return;
  const error = gapError(reader, plan.lost);
  if (options.onGap !== "warn") throw error;
  ctx.log.warn(error.message);
  const cursors = [...plan.lost.keys()].map((partition) => plan.cursors.get(partition));
  const moves = cursors
    .filter((cursor) => cursor !== undefined)
    .map((cursor) => ({
      partition: cursor.partition,
      expected: cursor.stored,
      next: cursor.position,
      last: undefined,
    }));
  await target.transaction((tx) => moveOrThrow(tx, reader, moves));
  for (const cursor of cursors) if (cursor) cursor.stored = cursor.position;
}

async function moveOrThrow(
  tx: Parameters<typeof moveOffsets>[0],
  reader: Reader,
  moves: readonly OffsetMove[],
): Promise<void> {
  const moved = await moveOffsets(tx, reader, moves);
  if (moved < moves.length) throw overtakenError(reader, moved, moves.length);
}

const storeOf = (
  options: KafkaConsumeToPostgresOptions,
  batch: readonly KafkaMessage[],
): StoreBatch => ("prepare" in options ? options.prepare(batch) : (tx) => options.write(tx, batch));

interface PreparedBatch {
  readonly batch: readonly KafkaMessage[];
  readonly store: StoreBatch;
}

/** One batch: rows, then offsets, in one transaction. */
async function storeBatch(
  { target, reader }: Consuming,
  cursors: ReadonlyMap<number, PartitionCursor>,
  { batch, store }: PreparedBatch,
  counts: Counts,
): Promise<void> {
  const moves = movesOf(batch, cursors);
  const result = await target.transaction(async (tx) => {
    const written = await store(tx);
    await moveOrThrow(tx, reader, moves);
    return written;
  });
  for (const { partition, next } of moves) {
    const cursor = cursors.get(partition);
    if (cursor) cursor.stored = next;
  }
  counts.messages += batch.length;
  counts.rows += result.rows;
  counts.rejected += result.rejected ?? 0;
  counts.batches += 1;
}

/** The batch is sorted, so that the last message of a partition is the furthest. */
function movesOf(
  batch: readonly KafkaMessage[],
  cursors: ReadonlyMap<number, PartitionCursor>,
): OffsetMove[] {
  const lasts = new Map(batch.map((message) => [message.partition, message]));
  return [...lasts.values()].map((last) => ({
    partition: last.partition,
    expected: cursors.get(last.partition)?.stored ?? 0n,
    next: BigInt(last.offset) + 1n,
    last,
  }));
}

/** Puts every partition of a topic that was created anew back to its first message. */
async function startAgain({ source, target, reader }: Consuming): Promise<void> {
  const stored = await readOffsets(target, reader);
  const offsets = await source.offsets(reader.topic);
  const earliest = new Map(offsets.map((it) => [it.partition, BigInt(it.earliest)]));
  const moves = [...stored.values()].map(({ partition, nextOffset }) => ({
    partition,
    expected: nextOffset,
    next: earliest.get(partition) ?? 0n,
    last: undefined,
  }));
  await target.transaction(async (tx) => {
    await moveOrThrow(tx, reader, moves);
    await forgetOffsets(tx, reader, [...earliest.keys()]);
  });
}

/**
 * The group to read in. One that is empty gets every partition at once and can take the hint. While somebody else
 * is in it (a reader that was killed stays for its session timeout), a group of this attempt's own is used, so that
 * partitions are never shared out; the database keeps the two apart.
 */
async function freeGroup({ ctx, source, reader }: Consuming): Promise<string> {
  const admin = await source.admin();
  const ownGroup = `${reader.consumer}.${ctx.attemptKey}`;
  if (await isStandIn(admin)) return ownGroup;
  const { groups } = await admin.describeGroups([reader.consumer]);
  const state = groups[0]?.state;
  return state === "Empty" || state === "Dead" ? reader.consumer : ownGroup;
}

/** A group that is left without offsets would vanish by itself, later; failing to remove it harms nothing. */
async function forgetGroup(source: KafkaHook, groupId: string): Promise<void> {
  const admin = await source.admin();
  await admin.deleteGroups([groupId]).catch(() => undefined);
}
