import { limitKey } from "../../rules/limits.ts";
import { withReady } from "./run-queries.ts";
import { byId, keyOf, type LimitRow, type ReadyRow, type Tables } from "./tables.ts";

interface LimitNames {
  readonly kinds: readonly string[];
  readonly names: readonly string[];
}

/** Pools state their slots themselves. */
const capacityOf = (tables: Tables, { kind, name, capacity }: LimitRow): number =>
  kind === "pool" ? (tables.pools.get(name) ?? capacity) : capacity;

function taken(tables: Tables, kind: string, name: string) {
  let all = 0;
  let byBackfills = 0;
  for (const row of tables.runningInstances) {
    for (const holder of tables.holdersOf(row.task_instance_id)) {
      if (holder.kind !== kind || holder.name !== name) continue;
      all += holder.slots;
      if (holder.is_backfill) byBackfills += holder.slots;
    }
  }
  return { all, byBackfills };
}

const byPriority = (a: ReadyRow, b: ReadyRow): number =>
  b.priority_weight - a.priority_weight ||
  a.order_at.getTime() - b.order_at.getTime() ||
  byId(a.task_instance_id, b.task_instance_id);

function claim(
  tables: Tables,
  claimed: { readonly id: string; readonly lease: string; readonly processId: string },
  now: Date,
): string | undefined {
  const row = tables.instances.get(claimed.id);
  const ready = tables.ready.get(claimed.id);
  if (ready) tables.ready.delete(ready);
  if (!ready || row?.state !== "scheduled") return undefined;
  tables.instances.update(row, {
    state: "running",
    reason: null,
    lease_token: claimed.lease,
    process_id: claimed.processId,
    hand_off: row.hand_off + 1,
    started_at: now,
    ended_at: null,
  });
  return claimed.id;
}

/** What ready tasks are claimed with, under their limits. */
export const claimQueries = {
  TaskReadyCandidates: (
    tables: Tables,
    p: { readonly full_limits: readonly string[]; readonly max_tasks: number },
  ) => {
    const full = new Set(p.full_limits);
    const rows = [...tables.ready.all()]
      .filter((row) => tables.dags.get(row.dag_id)?.is_paused === false)
      .filter((row) => !row.limits?.some((key) => full.has(key)))
      .sort(byPriority);
    const some = (isBackfill: boolean) =>
      rows.filter((row) => row.is_backfill === isBackfill).slice(0, p.max_tasks);
    return [...some(false), ...some(true)];
  },

  TaskReadyRunsLock: (tables: Tables, p: { readonly dag_run_ids: readonly string[] }) =>
    tables.runs.some(p.dag_run_ids).filter((run) => run.state === "running"),

  LimitLock: (tables: Tables, p: LimitNames) =>
    p.kinds
      .flatMap((kind, n) => tables.limits.get(keyOf(kind, p.names[n] ?? "")) ?? [])
      .sort((a, b) => (limitKey(a.kind, a.name) < limitKey(b.kind, b.name) ? -1 : 1))
      .map((row) => ({ ...row, capacity: capacityOf(tables, row) })),

  LimitEnsure: (tables: Tables, p: LimitNames & { readonly capacities: readonly number[] }) =>
    p.kinds.map((kind, n) => {
      const row = { kind, name: p.names[n] ?? "", capacity: p.capacities[n] ?? -1 };
      const known = tables.limits.get(keyOf(kind, row.name));
      if (known) tables.limits.update(known, { capacity: row.capacity });
      else tables.limits.insert(row);
      return row;
    }),

  LimitCount: (tables: Tables, p: LimitNames) =>
    p.kinds.flatMap((kind, n) => {
      const name = p.names[n] ?? "";
      const { all, byBackfills } = taken(tables, kind, name);
      return all > 0 ? [{ kind, name, taken: all, taken_by_backfills: byBackfills }] : [];
    }),

  LimitFull: (tables: Tables) =>
    [...tables.limits.all()].filter((row) => {
      const capacity = capacityOf(tables, row);
      return capacity >= 0 && taken(tables, row.kind, row.name).all >= Math.max(1, capacity);
    }),

  LimitHold: (
    tables: Tables,
    p: LimitNames & {
      readonly ids: readonly string[];
      readonly slots: readonly number[];
      readonly are_backfill: readonly boolean[];
    },
  ) =>
    p.kinds.map((kind, n) => {
      const name = p.names[n] ?? "";
      const task_instance_id = p.ids[n] ?? "";
      const known = tables.holders.get(keyOf(kind, name, task_instance_id));
      if (known) tables.holders.delete(known);
      const is_backfill = p.are_backfill[n] ?? false;
      const row = { kind, name, task_instance_id, slots: p.slots[n] ?? 1, is_backfill };
      tables.holders.insert(row);
      return row;
    }),

  TaskInstanceClaim: (
    tables: Tables,
    p: {
      readonly ids: readonly string[];
      readonly leases: readonly string[];
      readonly process_id: string;
    },
    now: Date,
  ) => {
    if (tables.processes.get(p.process_id)?.state !== "alive") return [];
    const claimed = p.ids.flatMap((id, n) => {
      return claim(tables, { id, lease: p.leases[n] ?? "", processId: p.process_id }, now) ?? [];
    });
    const rows = tables.instances.some(claimed);
    for (const run of tables.runs.some([...new Set(rows.map((row) => row.dag_run_id))])) {
      tables.runs.update(run, { changed: run.changed + 1 });
    }
    return rows.map((row) => ({
      ...withReady(tables, row),
      is_backfill: (tables.runs.get(row.dag_run_id)?.backfill_id ?? null) !== null,
      changed: String(tables.runs.get(row.dag_run_id)?.changed),
    }));
  },
};
