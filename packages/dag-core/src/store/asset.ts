import type { JsonValue } from "../kernel/json.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "asset",
  "AssetUpdate",
  "AssetUpdateFromOutside",
  "AssetConsumerReplace",
  "AssetDue",
  "AssetTake",
  "AssetRunLink",
  "AssetEventsOfRuns",
  "AssetEventExpire",
  "AssetList",
);

export interface AssetUpdateRow {
  readonly asset: string;
  readonly dag_run_id: string;
  readonly data_interval_start: Date;
  readonly data_interval_end: Date;
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string;
  readonly updated_by: string;
}

export async function assetUpdate(
  tx: Queryable,
  updates: readonly AssetUpdateRow[],
): Promise<void> {
  await tx.exec(q.AssetUpdate, { updates: JSON.stringify(updates) });
}

export async function assetUpdateFromOutside(
  tx: Queryable,
  update: { readonly asset: string; readonly payload: string; readonly updatedBy: string },
): Promise<void> {
  const { asset, payload, updatedBy } = update;
  await tx.one(q.AssetUpdateFromOutside, { asset, payload, updated_by: updatedBy });
}

export interface AssetConsumerRow {
  readonly asset: string;
  readonly dag_id: string;
  readonly needs_all: boolean;
}

export async function assetConsumerReplace(
  tx: Queryable,
  dagIds: readonly string[],
  consumers: readonly AssetConsumerRow[],
): Promise<void> {
  const rows = JSON.stringify(consumers);
  await tx.exec(q.AssetConsumerReplace, { dag_ids: dagIds, consumers: rows });
}

export async function assetDue(
  tx: Queryable,
  maxDags: number,
  besides: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.many<{ dag_id: string }>(q.AssetDue, { max_dags: maxDags, besides });
  return rows.map((row) => row.dag_id);
}

export interface TakenUpdateRow {
  readonly asset_event_id: string;
  readonly data_interval_start: Date | null;
  readonly data_interval_end: Date | null;
}

/** @returns the updates taken, oldest first; none if the DAG still needs others */
export function assetTake(tx: Queryable, dagId: string): Promise<TakenUpdateRow[]> {
  return tx.many(q.AssetTake, { dag_id: dagId });
}

export async function assetRunLink(
  tx: Queryable,
  dagRunId: string,
  assetEventIds: readonly string[],
): Promise<void> {
  await tx.exec(q.AssetRunLink, { dag_run_id: dagRunId, asset_event_ids: assetEventIds });
}

export interface AssetEventRow {
  readonly dag_run_id: string;
  readonly asset_event_id: string;
  readonly asset: string;
  readonly payload: JsonValue;
  readonly dag_id: string | null;
  readonly run_id: string | null;
  readonly task_id: string | null;
  readonly data_interval_start: Date | null;
  readonly data_interval_end: Date | null;
  readonly updated_at: Date;
}

export function assetEventsOfRuns(
  tx: Queryable,
  dagRunIds: readonly string[],
): Promise<AssetEventRow[]> {
  return tx.many(q.AssetEventsOfRuns, { dag_run_ids: dagRunIds });
}

export function assetEventExpire(tx: Queryable, runDays: number): Promise<number> {
  return tx.exec(q.AssetEventExpire, { run_days: runDays });
}

export interface AssetListRow {
  readonly asset: string;
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
  readonly updated_at: Date | null;
  readonly updated_by: string | null;
  readonly pending: number;
}

export function assetList(tx: Queryable): Promise<AssetListRow[]> {
  return tx.many(q.AssetList);
}
