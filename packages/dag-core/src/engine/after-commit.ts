import type { Advanced } from "../scheduler/advance-runs.ts";
import { givesBack } from "../scheduler/pass-on-slots.ts";
import type { Services } from "./services.ts";

/**
 * Wakes whoever has something to do after a hop was committed: of this process the sender of alerts, the dispatcher, and
 * the scheduler, now or when a retry is due; other processes where tasks stand ready, or where only they can look.
 */
export function wakeAfter(
  services: Services,
  hop: Advanced["hop"],
  role: "scheduler" | "worker",
): void {
  // The last run of a backfill may have written the alert of its end.
  if (hop.alerts > 0 || hop.endedRuns.some(({ entry }) => entry.facts.backfill_id !== null)) {
    services.sender.wake();
  }
  if (hop.offers > 0 || givesBack(hop)) {
    const news = [...hop.readied, ...hop.ended, ...hop.cut];
    const isOther = news.some(({ entry }) => entry.facts.backfill_id === null);
    services.dispatcher.wake(isOther);
    services.wakeChannel.notify(isOther ? "ready" : "backfill");
  }
  for (const { instance } of hop.ended) {
    if (instance.wakeAt) services.scheduler.wakeIn(instance.wakeAt.getTime() - hop.now.getTime());
  }
  // What the hop gave to look at is nobody else's yet, and a run that waits for its past leaves its place to another.
  if (hop.told > 0 || hop.suspended.length > 0) {
    services.scheduler.wake();
    if (role === "worker") services.wakeChannel.notify();
  }
}
