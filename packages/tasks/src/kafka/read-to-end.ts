import type { Consumer, EachBatchPayload, KafkaMessage as ClientMessage } from "kafkajs";
import { TopicRecreatedError } from "./consume-errors.ts";
import { isDone, type PartitionCursor } from "./consume-plan.ts";
import type { KafkaMessage } from "./hook.ts";
import { messageChecksum } from "./kafka-offsets.ts";

/** Why the reading ended: at the planned ends, at the deadline, or because nothing came any more. */
export type ReadEnd = "complete" | "deadline" | "idle";

export interface ReadToEndOptions {
  readonly consumer: Consumer;
  readonly topic: string;
  readonly cursors: ReadonlyMap<number, PartitionCursor>;
  readonly batchSize: number;
  /**
   * Gets a batch, sorted by partition and offset, and gives what stores it. One is stored at a time; the next one is
   * read and handed over meanwhile, and no more.
   */
  readonly onBatch: (batch: readonly KafkaMessage[]) => () => Promise<void>;
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Whether to leave the offsets with the broker at the end. It is a hint for Kafka's tools, nothing reads it. */
  readonly leaveHint: boolean;
}

/**
 * Longer than a broker takes to restart. The offsets before a partition's end may all be markers that hold no
 * message, so waiting for the last one must end.
 */
const idleMs = 30_000;
const tickMs = 1_000;

/** Another member of the group holds some partitions. */
export class SharedGroupError extends Error {
  override readonly name = "SharedGroupError";
}

/** The state of one reading: what is buffered, and how it ended. */
class Reading {
  readonly ended: Promise<ReadEnd>;
  readonly #options: ReadToEndOptions;
  readonly #settle: (end: ReadEnd) => void;
  readonly #fail: (error: unknown) => void;
  #buffer: KafkaMessage[] = [];
  #stored: Promise<void> = Promise.resolve();
  #isBusy = false;
  /** Nothing more is taken. */
  #isOver = false;
  /** The answer is given: nothing more is stored. */
  #isEnded = false;
  #heardAt = performance.now();

  constructor(options: ReadToEndOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<ReadEnd>();
    this.#options = options;
    this.ended = promise;
    this.#settle = resolve;
    this.#fail = reject;
    // Awaited later; a failure before that is not an unhandled one.
    promise.catch(() => undefined);
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#isEnded = true;
    this.#fail(error);
  }

  /** The batch in the target's hands, if there is one, is stored or has failed. */
  async settled(): Promise<void> {
    await this.#stored.catch(() => undefined);
  }

  /** The consumer waits for this before it fetches more: that is what keeps memory flat. */
  async onFetched({ batch, heartbeat, isStale }: EachBatchPayload): Promise<void> {
    const cursor = this.#options.cursors.get(batch.partition);
    if (this.#isOver || isStale() || cursor === undefined) return;
    this.#isBusy = true;
    try {
      for (const message of batch.messages) {
        this.#take(cursor, message);
        if (this.#buffer.length >= this.#options.batchSize) {
          await this.#flush();
          await heartbeat();
          if (this.#isOver) return;
        }
      }
      if (isDone(cursor)) this.#pause(cursor.partition);
      await this.#finishIfDue();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isBusy = false;
      this.#heardAt = performance.now();
    }
  }

  async onTick(): Promise<void> {
    if (this.#isBusy || this.#isOver) return;
    this.#isBusy = true;
    try {
      await this.#finishIfDue();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** After each (re)join: go on where this reading is, whatever the group remembers. */
  onJoined(assigned: readonly number[]): void {
    const { consumer, topic, cursors } = this.#options;
    const missing = [...cursors.keys()].filter((partition) => !assigned.includes(partition));
    if (missing.length > 0) {
      this.fail(new SharedGroupError(missing.join(", ")));
      return;
    }
    for (const cursor of cursors.values()) {
      const offset = String(cursor.verify?.offset ?? cursor.position);
      consumer.seek({ topic, partition: cursor.partition, offset });
      if (isDone(cursor)) this.#pause(cursor.partition);
    }
  }

  #pause(partition: number): void {
    const { consumer, topic } = this.#options;
    consumer.pause([{ topic, partitions: [partition] }]);
  }

  #take(cursor: PartitionCursor, message: ClientMessage): void {
    const offset = BigInt(message.offset);
    if (cursor.verify) verifyLast(cursor, cursor.verify, offset, message);
    if (offset < cursor.position || offset >= cursor.end) {
      if (offset >= cursor.end) cursor.position = cursor.end;
      return;
    }
    const { key, value, timestamp } = message;
    const { partition } = cursor;
    this.#buffer.push({ partition, offset: message.offset, key: key ?? null, value, timestamp });
    cursor.position = offset + 1n;
  }

  /** Begins to store what is buffered, as soon as the batch before is stored. */
  async #flush(): Promise<void> {
    if (this.#buffer.length === 0) return;
    // Within a partition they are in order already, and the sort is stable.
    const batch = this.#buffer.sort((a, b) => a.partition - b.partition);
    this.#buffer = [];
    const store = this.#options.onBatch(batch);
    await this.#stored;
    if (this.#isEnded) return;
    this.#stored = this.#store(store);
    this.#stored.catch((error: unknown) => this.fail(error));
  }

  async #store(store: () => Promise<void>): Promise<void> {
    this.#options.signal.throwIfAborted();
    await store();
    if (performance.now() > this.#options.deadline) this.#end("deadline");
  }

  async #finishIfDue(): Promise<void> {
    const now = performance.now();
    const isComplete = [...this.#options.cursors.values()].every(isDone);
    const isLate = now > this.#options.deadline;
    if (!isComplete && !isLate && now - this.#heardAt < idleMs) return;
    // Over before the last flush: a fetch that comes meanwhile must not start another one beside it.
    this.#isOver = true;
    await this.#flush();
    await this.#stored;
    this.#end(isComplete ? "complete" : isLate ? "deadline" : "idle");
  }

  #end(end: ReadEnd): void {
    this.#isOver = true;
    this.#isEnded = true;
    this.#settle(end);
  }
}

function verifyLast(
  cursor: PartitionCursor,
  verify: NonNullable<PartitionCursor["verify"]>,
  offset: bigint,
  message: ClientMessage,
): void {
  if (offset < verify.offset) return;
  // Later than expected: the one to compare with was compacted away, which a topic that lives does.
  cursor.verify = undefined;
  if (offset > verify.offset) return;
  const isSame =
    Number(message.timestamp) === verify.timestampMs &&
    messageChecksum(message) === verify.checksum;
  if (isSame) return;
  throw new TopicRecreatedError(
    `partition ${cursor.partition} has another message at offset ${offset} than the one taken before`,
  );
}

/** Reads every partition from its cursor to its end; `onBatch` gets the messages in between. */
export async function readToEnd(options: ReadToEndOptions): Promise<ReadEnd> {
  const { consumer, topic, cursors, signal } = options;
  signal.throwIfAborted();
  if ([...cursors.values()].every(isDone)) return "complete";
  const reading = new Reading(options);
  const abort = (): void => reading.fail(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    reading.onJoined(payload.memberAssignment[topic] ?? []),
  );
  // The client has used up its own retries by then; the task's retries follow.
  consumer.on(consumer.events.CRASH, ({ payload }) => reading.fail(payload.error));
  const ticks = setInterval(() => void reading.onTick(), tickMs);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => reading.onFetched(payload) });
    const end = await reading.ended;
    if (options.leaveHint) await leaveHint(consumer, topic, cursors);
    return end;
  } finally {
    clearInterval(ticks);
    signal.removeEventListener("abort", abort);
    await consumer.disconnect();
    await reading.settled();
  }
}

async function leaveHint(
  consumer: Consumer,
  topic: string,
  cursors: ReadonlyMap<number, PartitionCursor>,
): Promise<void> {
  const offsets = [...cursors.values()].map(({ partition, stored }) => ({
    topic,
    partition,
    offset: String(stored),
  }));
  await consumer.commitOffsets(offsets).catch(() => undefined);
}
