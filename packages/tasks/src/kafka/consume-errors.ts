import { type TidemillError, tidemillError } from "@tidemill/dag-core";
import type { Reader } from "./kafka-offsets.ts";

/** The topic has another content than the one whose offsets are stored. */
export class TopicRecreatedError extends Error {
  override readonly name = "TopicRecreatedError";
}

export const recreatedError = (
  { topic, consumer }: Reader,
  cause: TopicRecreatedError,
): TidemillError =>
  tidemillError(
    "TIDEMILL_STATE_REFUSED",
    {
      subject: `Kafka topic "${topic}"`,
      state: `not the one that consumer "${consumer}" read before: ${cause.message}`,
      remedy: `it was created anew; set onRecreated to "restart" to read it from its start`,
    },
    { cause },
  );

export const gapError = (
  { topic, consumer }: Reader,
  lost: ReadonlyMap<number, bigint>,
): TidemillError =>
  tidemillError("TIDEMILL_STATE_REFUSED", {
    subject: `Kafka topic "${topic}"`,
    state: `short of ${lostCount(lost)} messages that consumer "${consumer}" did not read before the broker dropped them (${[
      ...lost,
    ]
      .map(([partition, count]) => `partition ${partition}: ${count}`)
      .join(", ")})`,
    remedy: `set onGap to "warn" to go on without them, and raise the topic's retention`,
  });

export const lostCount = (lost: ReadonlyMap<number, bigint>): number =>
  Number([...lost.values()].reduce((sum, count) => sum + count, 0n));

/** Another process moved the offsets: this one's batch must not be stored. */
export const overtakenError = (
  { topic, consumer }: Reader,
  moved: number,
  expected: number,
): TidemillError =>
  tidemillError("TIDEMILL_STATE_REFUSED", {
    subject: `Consumer "${consumer}" of Kafka topic "${topic}"`,
    state: `read by another process too (${moved} of ${expected} partitions were where this one left them)`,
    remedy: "this batch was rolled back; the task can be run again",
  });

export const sharedError = ({ topic, consumer }: Reader, cause: Error): TidemillError =>
  tidemillError(
    "TIDEMILL_STATE_REFUSED",
    {
      subject: `Consumer "${consumer}" of Kafka topic "${topic}"`,
      state: `sharing its group with another process, which holds partitions ${cause.message}`,
      remedy: "the task can be run again once that process has ended",
    },
    { cause },
  );
