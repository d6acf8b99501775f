import type { Queryable } from "../store/database.ts";
import { eventSend, type EventToSend } from "../store/wait.ts";
import type { EndedTry, Hop } from "./hop.ts";
import { taskActor } from "./run-entry.ts";

/** Sends what tasks of a hop sent, in the transaction that makes their success true. */
export async function sendEvents(tx: Queryable, hop: Hop): Promise<void> {
  const events = hop.ended.flatMap(eventsOf);
  if (events.length === 0) return;
  await eventSend(tx, events);
  hop.told += events.length;
}

function eventsOf({ entry, instance, report: { outcome } }: EndedTry): readonly EventToSend[] {
  if (outcome.kind !== "success" || !outcome.events) return [];
  const sentBy = taskActor(entry, instance);
  return outcome.events.map((event) => ({ ...event, sentBy }));
}
