import { limitKey } from "../../rules/limits.ts";
import { hold } from "./apply-hop.ts";
import { withReady } from "./run-queries.ts";
import { byId, keyOf, type LimitRow, type ReadyRow, type Tables } from "./tables.ts";

interface LimitNames {
  readonly kinds: readonly string[];
  readonly names: readonly string[];
}

/** Pools state their slots themselves. */
const capacityOf = (tables: Tables, { kind, name, capacity }: LimitRow): number =>
  kind === "pool" ? (tables.pools.get(name) ?? capacity) : capacity;

/** Live holders of a limit. */
const holdersOf = (tables: Tables, kind: string, name: string) =>
  [...tables.runningInstances].flatMap((instance) =>
    [...tables.holdersOf(instance.task_instance_id)]
      .filter((holder) => holder.kind === kind && holder.name === name)
      .map((holder) => ({ ...holder, instance })),
  );

const taken = (tables: Tables, kind: string, name: string): number =>
  holdersOf(tables, kind, name).reduce((sum, { slots }) => sum + slots, 0);

const byPriority = (a: ReadyRow, b: ReadyRow): number =>
  b.priority_weight - a.priority_weight ||
  a.order_at.getTime() - b.order_at.getTime() ||
  byId(a.task_instance_id, b.task_instance_id);

/** What stands ready in DAGs that are not paused. */
const claimable = (tables: Tables): ReadyRow[] =>
  [...tables.ready.all()].filter((row) => tables.dags.get(row.dag_id)?.is_paused === false);

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
    p: {
      readonly full_limits: readonly string[];
      readonly unloaded_dag_ids: readonly string[];
      readonly max_tasks: number;
    },
  ) => {
    const full = new Set(p.full_limits);
    const rows = claimable(tables)
      .filter((row) => !row.limits?.some((key) => full.has(key)))
      .filter((row) => !p.unloaded_dag_ids.includes(row.dag_id))
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
      return holdersOf(tables, kind, name).map(({ slots, is_backfill, instance }) => {
        const { dag_run_id, process_id } = instance;
        return { kind, name, dag_run_id, process_id, is_backfill, taken: slots };
      });
    }),

  LimitFull: (tables: Tables) =>
    [...tables.limits.all()].filter((row) => {
      const capacity = capacityOf(tables, row);
      return capacity >= 0 && taken(tables, row.kind, row.name) >= Math.max(1, capacity);
    }),

  LimitFreed: (
    tables: Tables,
    p: { readonly ended_ids: readonly string[]; readonly dag_run_ids: readonly string[] },
  ) => {
    const held = Map.groupBy(
      p.ended_ids.flatMap((id) => [...tables.holdersOf(id)]),
      ({ kind, name }) => limitKey(kind, name),
    );
    return [...held].flatMap(([key, holders]) => {
      const limit = tables.limits.get(keyOf(holders[0]?.kind ?? "", holders[0]?.name ?? ""));
      if (!limit) return [];
      const { kind, name } = limit;
      const given = holders.reduce((sum, { slots }) => sum + slots, 0);
      const capacity = capacityOf(tables, limit);
      const spare = capacity < 0 ? Infinity : capacity - taken(tables, kind, name);
      const slots = Math.min(given, spare + given);
      const waiting = claimable(tables)
        .filter((row) => row.limits?.includes(key))
        .sort(byPriority);
      const first = [false, true].flatMap((isBackfill) => {
        const next = waiting.filter((row) => row.is_backfill === isBackfill).slice(0, given);
        return next.find((row) => !p.dag_run_ids.includes(row.dag_run_id)) ?? [];
      });
      const nobody = { task_instance_id: null, priority_weight: null, order_at: null };
      const places = first.length > 0 ? first : [{ ...nobody, is_backfill: null }];
      return places.map((place) => ({ ...place, kind, name, slots }));
    });
  },

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
      const is_backfill = p.are_backfill[n] ?? false;
      const row = { kind, name, task_instance_id, slots: p.slots[n] ?? 1, is_backfill };
      hold(tables, row);
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
