import { type LimitKey, limitKey, slotsOf } from "../rules/limits.ts";
import { type Freed, type InLine, passOn, sharesOf } from "../rules/pass-on.ts";
import { isUnlimited, wantLimits } from "../rules/releasable.ts";
import type { InstanceState } from "../rules/run-state.ts";
import type { Queryable } from "../store/database.ts";
import { limitFreed } from "../store/limit.ts";
import type { AdvanceOptions } from "./advance-runs.ts";
import type { Hop } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";

/**
 * Starts what comes next in the runs of a hop in slots of limits that its ended attempts give back, where a claim would
 * choose the same. No limit is locked for it: as many of its slots are taken after the hop as before.
 */
export async function passOnSlots(
  database: Queryable,
  hop: Hop,
  startable: ReadonlySet<RunEntry>,
  options: Pick<AdvanceOptions, "slots" | "backfillSlots" | "processId" | "left">,
): Promise<void> {
  const { processId, left } = options;
  const slots = options.slots?.() ?? 0;
  const ended = hop.ended.filter(
    ({ entry, instance }) => !isUnlimited(entry.state.graph, instance.taskId),
  );
  if (slots <= 0 || processId === undefined || ended.length === 0) return;
  const endedOf = Map.groupBy(ended, ({ entry }) => entry);
  const isLeft = (entry: RunEntry) =>
    left?.unloaded.has(entry.facts.dag_id) === true ||
    left?.isLeft(
      entry.facts.dag_run_id,
      sharesOf(entry.state, processId, endedOf.get(entry)?.length ?? 0),
      processId,
    ) === true;
  const candidates = [...startable]
    .filter((entry) => !isLeft(entry))
    .flatMap((entry) => wantLimits(entry.state).map((instance) => candidateOf(entry, instance)));
  const [first] = candidates;
  if (!first) return;
  const freed = await freedBy(
    database,
    ended.map(({ instance }) => instance.taskInstanceId),
    candidates.map(({ entry }) => entry.facts.dag_run_id),
  );
  const most = first.isBackfill ? (options.backfillSlots?.() ?? slots) : slots;
  for (const { entry, instance } of passOn(candidates, freed, Math.min(slots, most))) {
    hop.start(entry, instance, processId);
  }
}

function candidateOf(entry: RunEntry, instance: InstanceState) {
  const { facts, state } = entry;
  const task = state.graph.tasks.get(instance.taskId);
  return {
    entry,
    instance,
    taskInstanceId: instance.taskInstanceId,
    limits: state.graph.limits.get(instance.taskId) ?? [],
    poolSlots: task?.poolSlots ?? 1,
    priorityWeight: task?.priorityWeight ?? 1,
    orderAt: facts.logical_date ?? facts.run_after,
    isBackfill: facts.backfill_id !== null,
  };
}

async function freedBy(
  database: Queryable,
  endedIds: readonly string[],
  dagRunIds: readonly string[],
): Promise<ReadonlyMap<LimitKey, Freed>> {
  const freed = new Map<LimitKey, { readonly slots: number; readonly first: InLine[] }>();
  for (const row of await limitFreed(database, endedIds, [...new Set(dagRunIds)])) {
    const key = limitKey(row.kind, row.name);
    const limit = freed.get(key) ?? { slots: row.slots, first: [] };
    const { task_instance_id: id, priority_weight: weight, order_at: orderAt } = row;
    if (id !== null && weight !== null && orderAt !== null) {
      const isBackfill = row.is_backfill === true;
      limit.first.push({ taskInstanceId: id, priorityWeight: weight, orderAt, isBackfill });
    }
    freed.set(key, limit);
  }
  return freed;
}

/** Whether a hop leaves slots of limits to a claim. */
export function givesBack({ ended, cut, started }: Hop): boolean {
  return slotsIn(ended) + slotsIn(cut) > slotsIn(started);
}

function slotsIn(tries: Hop["ended"] | Hop["started"]): number {
  return tries.reduce((sum, { entry, instance }) => {
    const { limits, poolSlots } = candidateOf(entry, instance);
    return limits.reduce((all, key) => all + slotsOf(key, poolSlots), sum);
  }, 0);
}
