import type { AdvanceOptions } from "./advance-runs.ts";
import type { Hop } from "./hop.ts";
import type { RunCache } from "./run-cache.ts";
import type { RunEntry } from "./run-entry.ts";

/** Hands out what is ready in the runs of a hop, those in `startable` while slots last. */
export function release(
  hop: Hop,
  startable: ReadonlySet<RunEntry>,
  options: Pick<AdvanceOptions, "slots" | "backfillSlots" | "processId" | "left">,
): void {
  const closed = new Set(hop.endedRuns.map(({ entry }) => entry));
  let slots = (options.slots?.() ?? 0) - hop.started.length;
  const byBackfills = hop.started.filter(({ entry }) => entry.facts.backfill_id !== null).length;
  let backfillSlots = (options.backfillSlots?.() ?? Infinity) - byBackfills;
  for (const entry of hop.entries.values()) {
    if (closed.has(entry)) continue;
    const isBackfill = entry.facts.backfill_id !== null;
    const open = isBackfill ? Math.min(slots, backfillSlots) : slots;
    const isLeft = options.left?.unloaded.has(entry.facts.dag_id) === true;
    const lent = startable.has(entry) && !isLeft ? open : 0;
    const taken = lent - hop.release(entry, lent, options.processId);
    slots -= taken;
    if (isBackfill) backfillSlots -= taken;
  }
}

/** After the commit: what is in memory is what is in the database. */
export function remember(cache: RunCache, hop: Hop): void {
  const gone = new Set([...hop.endedRuns.map(({ entry }) => entry), ...hop.suspended]);
  for (const entry of hop.entries.values()) keep(cache, entry, gone.has(entry));
}

function keep(cache: RunCache, entry: RunEntry, isGone: boolean): void {
  entry.state.settle();
  entry.changed += 1;
  if (!isGone) cache.put(entry);
}
