import type { AssetConsumerRow, AssetUpdateRow } from "../../store/asset.ts";
import { activeRunsOf } from "./schedule-queries.ts";
import { byId, keyOf, type PendingRow, type Tables } from "./tables.ts";

interface OneDag {
  readonly dag_id: string;
}

function hasAll(tables: Tables, dagId: string): boolean {
  const pending = new Set([...tables.pendingOf(dagId)].map((row) => row.asset));
  const needed = [...tables.consumers.all()].filter((row) => row.dag_id === dagId && row.needs_all);
  return needed.every((row) => pending.has(row.asset));
}

function hasPlace(tables: Tables, dagId: string): boolean {
  const most = tables.limits.get(keyOf("dag_runs", dagId))?.capacity ?? -1;
  return most < 0 || activeRunsOf(tables, dagId) < most;
}

function update(tables: Tables, row: AssetUpdateRow): string {
  const asset_event_id = tables.nextId();
  const instant = (date: Date | string) => new Date(date);
  tables.assetEvents.insert({
    asset_event_id,
    data_interval_start: instant(row.data_interval_start),
    data_interval_end: instant(row.data_interval_end),
  });
  for (const { asset, dag_id } of tables.consumers.all()) {
    if (asset === row.asset) tables.pending.insert({ dag_id, asset, asset_event_id });
  }
  return asset_event_id;
}

/** What DAGs run by that are scheduled by assets. */
export const assetQueries = {
  AssetConsumerReplace: (
    tables: Tables,
    p: { readonly dag_ids: readonly string[]; readonly consumers: string },
  ) => {
    const wanted = JSON.parse(p.consumers) as readonly AssetConsumerRow[];
    const keys = new Set(wanted.map((row) => keyOf(row.asset, row.dag_id)));
    for (const row of [...tables.consumers.all()]) {
      const isKnown = p.dag_ids.includes(row.dag_id) || !tables.dags.get(row.dag_id)?.is_present;
      const isGone = isKnown && !keys.has(keyOf(row.asset, row.dag_id));
      if (isGone) for (const one of pendingFor(tables, row)) tables.pending.delete(one);
      if (isGone || keys.has(keyOf(row.asset, row.dag_id))) tables.consumers.delete(row);
    }
    for (const row of wanted) tables.consumers.insert(row);
    return wanted;
  },

  AssetUpdate: (tables: Tables, p: { readonly updates: string }) =>
    (JSON.parse(p.updates) as readonly AssetUpdateRow[]).map((row) => {
      return { asset_event_id: update(tables, row) };
    }),

  AssetDue: (
    tables: Tables,
    p: { readonly max_dags: number; readonly besides: readonly string[] },
    now: Date,
  ) => {
    const dagIds = new Set([...tables.pending.all()].map((row) => row.dag_id));
    return tables.dags
      .some([...dagIds].filter((id) => !p.besides.includes(id)).sort())
      .filter((dag) => dag.is_present && !dag.is_paused)
      .filter((dag) => dag.next_run_after === null || dag.next_run_after <= now)
      .filter((dag) => hasAll(tables, dag.dag_id) && hasPlace(tables, dag.dag_id))
      .slice(0, p.max_dags);
  },

  AssetTake: (tables: Tables, p: OneDag) => {
    if (!hasAll(tables, p.dag_id)) return [];
    const taken = [...tables.pendingOf(p.dag_id)];
    for (const row of taken) tables.pending.delete(row);
    return tables.assetEvents.some(taken.map((row) => row.asset_event_id).sort(byId));
  },

  AssetRunLink: () => [],
};

function pendingFor(tables: Tables, of: AssetConsumerRow): readonly PendingRow[] {
  return [...tables.pendingOf(of.dag_id)].filter((row) => row.asset === of.asset);
}
