import type { DagRunState, RunType, TaskInstanceState } from "../definition/states.ts";
import type { DagManifest } from "../definition/manifest.ts";
import type { JsonValue } from "../kernel/json.ts";

/** Row types of the engine's queries: ids are text, instants are dates. */
export interface DagRunLockRow {
  readonly dag_run_id: string;
  readonly dag_version_id: string;
  readonly state: DagRunState;
  readonly changed: string;
  readonly times_out_at: Date | null;
  readonly needs_decision: boolean;
  /** Whether later runs wait for tasks of it. */
  readonly is_awaited: boolean;
  /** How the run ends once its teardowns have run; null for one that was not stopped. */
  readonly verdict: "failed" | "cancelled" | null;
  readonly verdict_reason: string | null;
  readonly is_paused: boolean;
  readonly now: Date;
  /** Whether the process that asks is alive; one that was declared lost must not start anything. */
  readonly may_start: boolean;
  /** Whether the installation limits how many tries run at once; then every try is claimed under that limit. */
  readonly is_capped: boolean;
}

export interface DagRunFactsRow {
  readonly dag_run_id: string;
  readonly dag_version_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly run_type: RunType;
  readonly params: JsonValue;
  readonly logical_date: Date | null;
  readonly data_interval_start: Date;
  readonly data_interval_end: Date;
  /** Bounds of the intervals of a run that covers several. */
  readonly interval_bounds: readonly Date[] | null;
  readonly run_after: Date;
  readonly backfill_id: string | null;
  readonly clear_number: number;
  readonly started_at: Date | null;
  readonly queued_at: Date;
  readonly created_at: Date;
  readonly triggered_by: string;
}

export interface DagVersionRow {
  readonly dag_version_id: string;
  readonly manifest_hash: string;
  readonly manifest: DagManifest;
}

export interface TaskInstanceRow {
  readonly task_instance_id: string;
  readonly dag_run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly state: TaskInstanceState;
  readonly reason: string | null;
  readonly try_number: number;
  readonly max_tries: number;
  readonly cleared_at_try: number;
  readonly clear_number: number;
  readonly hand_off: number;
  readonly infra_retries: number;
  readonly list_length: number | null;
  readonly runs_alone: boolean;
  readonly choices: readonly string[] | null;
  readonly lease_token: string | null;
  readonly process_id: string | null;
  readonly ready_at: Date | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly wake_at: Date | null;
  readonly first_poke_at: Date | null;
  readonly wake_key: string | null;
  readonly woken_by: string | null;
  readonly is_ready: boolean;
}

export interface LeasedRow {
  readonly dag_run_id: string;
  readonly task_instance_id: string;
  readonly lease_token: string;
}

/** A task instance that was started, with the process that did and whether a backfill asked for it. */
export interface StartedRow extends LeasedRow {
  readonly process_id: string | null;
  readonly is_backfill: boolean;
}

export interface TaskInputRow {
  readonly dag_run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly value: JsonValue;
}

export interface TaskReadyRow {
  readonly task_instance_id: string;
  readonly dag_run_id: string;
  readonly limits: readonly string[] | null;
  readonly pool_slots: number;
  readonly is_backfill: boolean;
}

export interface LimitRow {
  readonly kind: string;
  readonly name: string;
  readonly capacity: number;
}

export interface LimitCountRow {
  readonly kind: string;
  readonly name: string;
  readonly dag_run_id: string;
  readonly process_id: string | null;
  readonly is_backfill: boolean;
  readonly taken: number;
}

export interface LimitFreedRow {
  readonly kind: string;
  readonly name: string;
  readonly slots: number;
  /** The place of what waits; all null where nothing does. */
  readonly task_instance_id: string | null;
  readonly priority_weight: number | null;
  readonly order_at: Date | null;
  readonly is_backfill: boolean | null;
}

export interface DueDagRow {
  readonly dag_id: string;
  readonly dag_version_id: string;
  readonly last_interval_start: Date | null;
  readonly last_interval_end: Date | null;
  readonly now: Date;
}
