import { isPutRight } from "../kernel/alert.ts";
import type { ClaimedDelivery } from "../store/alert.ts";
import type { Incident } from "../store/alert-told.ts";

/** What the deliveries of one claim come to. */
export interface MessagePlan {
  /** One message tells of all of these. */
  readonly told: readonly ClaimedDelivery[];
  /** Need no message: an earlier one has said it. */
  readonly folded: readonly ClaimedDelivery[];
  /** The message that is changed to tell of them too; absent for a new one, which rings. */
  readonly editRef?: string | undefined;
  /** The message that the new one answers. */
  readonly replyTo?: string | undefined;
}

export interface PlanOptions {
  /** Time after the last alert of a topic in which another one joins its message, in milliseconds. */
  readonly windowMs: number;
  /** Time after which an error that goes on rings again, in milliseconds. */
  readonly repeatMs: number;
}

/** An error that has come ten times as often as it was told of rings again. */
const repeatFactor = 10;

/**
 * Which alerts make a message, and whether it is a new one. A failure joins the message about its topic while that
 * still grows; after that, an error that people were told of is only counted there, until it goes on for too long or
 * comes ten times as often.
 *
 * @param incidents What the channel was told of these topics and is not put right, the latest first.
 */
export function planMessage(
  deliveries: readonly ClaimedDelivery[],
  incidents: readonly Incident[],
  options: PlanOptions,
): MessagePlan {
  if (deliveries.every((delivery) => delivery.isTold)) return { told: [], folded: deliveries };
  const topics = new Set(deliveries.map((delivery) => delivery.topic));
  const editRef = topics.size === 1 ? joined(deliveries, incidents, options) : undefined;
  if (editRef !== undefined) return { told: deliveries, folded: [], editRef };
  return { told: deliveries, folded: [], replyTo: answered(deliveries, incidents) };
}

/** The message that these failures join without a sound. */
function joined(
  deliveries: readonly ClaimedDelivery[],
  incidents: readonly Incident[],
  { windowMs, repeatMs }: PlanOptions,
): string | undefined {
  const [latest] = incidents;
  if (!latest || deliveries.some((delivery) => delivery.fingerprint === "")) return undefined;
  const isGrowing = latest.quietMs < windowMs && latest.toldMs < repeatMs;
  const known = new Map(incidents.map((incident) => [incident.fingerprint, incident]));
  const news = Map.groupBy(
    deliveries.filter((delivery) => !delivery.isTold),
    (delivery) => delivery.fingerprint,
  );
  const isOld = [...news].every(([fingerprint, { length }]) => {
    const incident = known.get(fingerprint);
    if (!incident) return false;
    return incident.toldMs < repeatMs && incident.seen + length < incident.told * repeatFactor;
  });
  return isGrowing || isOld ? latest.messageRef : undefined;
}

/** A recovery answers the message about the failure: of its own run, else of an earlier one. */
function answered(
  deliveries: readonly ClaimedDelivery[],
  incidents: readonly Incident[],
): string | undefined {
  const recovery = deliveries.find(({ kind }) => isPutRight(kind));
  return recovery && (recovery.earlierRef ?? incidents[0]?.messageRef);
}
