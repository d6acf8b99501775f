import type { Advanced } from "../scheduler/advance-runs.ts";
import type { Services } from "./services.ts";

/** Wakes whoever has something to do after a hop was committed: parts of this process, and other processes. */
export function wakeAfter(
  services: Services,
  hop: Advanced["hop"],
  role: "scheduler" | "worker",
): void {
  if (hop.ended.some((ended) => ended.record?.state === "failed") || hop.endedRuns.length > 0) {
    services.sender.wake();
  }
  if (hop.readied.length > 0) {
    const isOther = hop.readied.some(({ entry }) => entry.facts.backfill_id === null);
    services.dispatcher.wake(isOther);
    services.wakeChannel.notify(isOther ? "ready" : "backfill");
  }
  for (const { instance } of hop.ended) {
    if (instance.wakeAt) services.scheduler.wakeIn(instance.wakeAt.getTime() - hop.now.getTime());
  }
  // A run that waits for its past leaves its place; one whose past has passed is looked at again.
  if (hop.told > 0 || hop.suspended.length > 0) {
    services.scheduler.wake();
    if (role === "worker") services.wakeChannel.notify();
  }
}
