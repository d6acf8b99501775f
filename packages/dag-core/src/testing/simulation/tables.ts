import type { AssetConsumerRow, TakenUpdateRow } from "../../store/asset.ts";
import type { BackfillState } from "../../store/backfill.ts";
import type { DagManifest } from "../../definition/manifest.ts";
import { unlimitedPool } from "../../definition/pool-problem.ts";
import type { DagRunState } from "../../definition/states.ts";
import type { JsonValue } from "../../kernel/json.ts";
import type { PastWait } from "../../store/past.ts";
import type { DagRunFactsRow, DagVersionRow, TaskInstanceRow } from "../../store/rows.ts";
import { Journal, Table } from "./table.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface DagRow {
  dag_id: string;
  dag_version_id: string;
  file: string;
  is_paused: boolean;
  is_present: boolean;
  last_interval_start: Date | null;
  last_interval_end: Date | null;
  next_run_after: Date | null;
}

export interface VersionRow extends DagVersionRow {
  readonly dag_id: string;
  readonly manifest: DagManifest;
}

export interface RunRow extends Mutable<DagRunFactsRow> {
  state: DagRunState;
  reason: string | null;
  changed: number;
  decided: number;
  needs_decision: boolean;
  times_out_at: Date | null;
  verdict: "failed" | "cancelled" | null;
  verdict_reason: string | null;
  is_awaited: boolean;
  waits_for_past: boolean;
  ended_at: Date | null;
  backfill_ordinal: number | null;
  slot_number: number;
}

export type InstanceRow = Mutable<Omit<TaskInstanceRow, "is_ready">>;

export interface ReadyRow {
  readonly task_instance_id: string;
  readonly dag_run_id: string;
  readonly priority_weight: number;
  readonly pool_slots: number;
  readonly order_at: Date;
  readonly dag_id: string;
  readonly limits: readonly string[] | null;
  readonly is_backfill: boolean;
}

export interface IntervalRow {
  readonly dag_id: string;
  readonly interval_start: Date;
  readonly interval_end: Date;
  readonly dag_run_id: string;
}

export interface GapRow {
  readonly dag_id: string;
  readonly gap_start: Date;
  readonly gap_end: Date;
  readonly intervals: number;
}

export interface ProcessRow {
  readonly process_id: string;
  state: "alive" | "lost" | "ended";
  heartbeat_at: Date;
}

export interface LimitRow {
  readonly kind: string;
  readonly name: string;
  capacity: number;
}

export interface HolderRow {
  readonly kind: string;
  readonly name: string;
  readonly task_instance_id: string;
  readonly slots: number;
  readonly is_backfill: boolean;
}

export interface TryRow {
  readonly task_instance_id: string;
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly hand_off: number;
  readonly clear_number: number;
  readonly state: string;
  readonly reason: string | null;
  readonly ready_at: Date;
  readonly claimed_at: Date;
  readonly started_at: Date;
  readonly ended_at: Date;
}

export interface AlertRow {
  readonly kind: string;
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly clear_number: number;
  readonly task_instance_id: string;
  readonly try_number: number;
  readonly hand_off: number;
  /** Of an alert about no run. */
  readonly subject?: string;
  readonly created_at: Date;
}

export interface BackfillRow {
  readonly backfill_id: string;
  readonly dag_id: string;
  readonly from_date: Date;
  readonly to_date: Date;
  readonly max_active_runs: number;
  state: BackfillState;
  ended_at: Date | null;
}

export interface PastWaitRow extends PastWait {
  is_settled: boolean;
  is_due: boolean;
}

export interface RequestRow {
  readonly request_id: string;
  readonly verb: string;
  readonly dag_id: string;
}

export interface WakeRow {
  readonly wake_id: string;
  readonly wake_key: string;
}

export interface NamedEventRow {
  readonly named_event_id: string;
  readonly name: string;
  readonly event_key: string | null;
  readonly payload: JsonValue;
  readonly sent_at: Date;
  readonly expires_at: Date;
}

export interface PendingRow {
  readonly dag_id: string;
  readonly asset: string;
  readonly asset_event_id: string;
}

/** The engine's tables in memory, with the indexes that its queries use. */
export class Tables {
  readonly journal = new Journal();
  readonly pools = new Map<string, number>([[unlimitedPool, -1]]);
  readonly dags = this.#table<DagRow>((row) => row.dag_id);
  readonly versions = this.#table<VersionRow>((row) => row.dag_version_id);
  readonly runs = this.#table<RunRow>((row) => row.dag_run_id);
  readonly instances = this.#table<InstanceRow>((row) => row.task_instance_id);
  readonly ready = this.#table<ReadyRow>((row) => row.task_instance_id);
  readonly intervals = this.#table<IntervalRow>((row) => keyOf(row.dag_id, row.interval_start));
  readonly gaps = this.#table<GapRow>((row) => keyOf(row.dag_id, row.gap_start));
  readonly processes = this.#table<ProcessRow>((row) => row.process_id);
  readonly limits = this.#table<LimitRow>((row) => keyOf(row.kind, row.name));
  readonly holders = this.#table<HolderRow>((row) =>
    keyOf(row.kind, row.name, row.task_instance_id),
  );
  readonly tries = this.#table<TryRow>((row) =>
    keyOf(row.task_instance_id, row.try_number, row.hand_off),
  );
  readonly alerts = this.#table<AlertRow>(alertKey);
  readonly backfills = this.#table<BackfillRow>((row) => row.backfill_id);
  readonly pastWaits = this.#table<PastWaitRow>((row) => row.dag_run_id);
  readonly requests = this.#table<RequestRow>((row) => row.request_id);

  readonly wakes = this.#table<WakeRow>((row) => row.wake_id);
  readonly namedEvents = this.#table<NamedEventRow>((row) => row.named_event_id);
  /** DAGs for the ends of whose runs others wait. */
  readonly watched = new Set<string>();
  readonly assetEvents = this.#table<TakenUpdateRow>((row) => row.asset_event_id);
  readonly consumers = this.#table<AssetConsumerRow>((row) => keyOf(row.asset, row.dag_id));
  readonly pending = this.#table<PendingRow>((row) =>
    keyOf(row.dag_id, row.asset, row.asset_event_id),
  );

  readonly alertsOf = this.alerts.by((row) => keyOf(row.dag_id, row.kind));
  readonly runByName = this.runs.by((row) => keyOf(row.dag_id, row.run_id));
  readonly runsOfDag = this.runs.by((row) => row.dag_id);
  readonly queuedRuns = this.runs.where((row) => row.state === "queued");
  readonly runningRuns = this.runs.where((row) => row.state === "running");
  readonly undecidedRuns = this.runs.where((row) => row.needs_decision);
  readonly instancesOf = this.instances.by((row) => row.dag_run_id);
  readonly runningInstances = this.instances.where((row) => row.state === "running");
  /** By what they wait for; of others the group is empty. */
  readonly deferredBy = this.instances.by((row) => row.wake_key ?? "");
  readonly eventsOf = this.namedEvents.by((row) => row.name);
  readonly pendingOf = this.pending.by((row) => row.dag_id);
  readonly waitingInstances = this.instances.where((row) => row.wake_at !== null);
  readonly intervalsOf = this.intervals.sortedBy(
    (row) => row.dag_id,
    (row) => row.interval_start.getTime(),
  );
  readonly intervalsOfRun = this.intervals.by((row) => row.dag_run_id);
  readonly holdersOf = this.holders.by((row) => row.task_instance_id);
  #lastId = 0;

  nextId(): string {
    return String(++this.#lastId);
  }

  manifestOf({ dag_version_id }: { readonly dag_version_id: string }): DagManifest {
    const version = this.versions.get(dag_version_id);
    if (!version) throw new Error(`There is no DAG version ${dag_version_id}`);
    return version.manifest;
  }

  #table<Row extends object>(key: (row: Row) => string): Table<Row> {
    return new Table(this.journal, key);
  }
}

/** One text of several values that together are a key. */
export function keyOf(...parts: readonly (string | number | Date)[]): string {
  return parts.map((part) => (part instanceof Date ? part.getTime() : part)).join("|");
}

export function alertKey(row: Omit<AlertRow, "created_at">): string {
  const { kind, dag_id, dag_run_id, clear_number, task_instance_id, try_number, hand_off } = row;
  const { subject = "" } = row;
  return keyOf(
    kind,
    dag_id,
    dag_run_id,
    clear_number,
    task_instance_id,
    try_number,
    hand_off,
    subject,
  );
}

export const byId = (a: string, b: string): number => Number(a) - Number(b);
