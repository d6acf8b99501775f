import type { DagRunState } from "../../definition/states.ts";
import {
  alertKey,
  type AlertRow,
  type HolderRow,
  type InstanceRow,
  keyOf,
  type ReadyRow,
  type Tables,
  type TryRow,
} from "./tables.ts";
import { tellEnd } from "./wait-queries.ts";

/** The rows of a hop as `runApply` sends them: as JSON texts. */
export interface HopTexts {
  readonly instances: string;
  readonly tries: string;
  readonly ready: string;
  readonly unready_ids: readonly string[];
  readonly released_ids: readonly string[];
  readonly holds: string;
  readonly alerts: string;
  readonly runs: string;
}

type InstanceChange = Omit<InstanceRow, "task_instance_id" | "lease_token"> & {
  readonly id: string;
  readonly from_state: string;
  readonly from_lease: string | null;
  readonly lease: string | null;
};

interface RunChange {
  readonly id: string;
  readonly changed: number;
  readonly state: DagRunState;
  readonly reason: string | null;
  readonly ended_at: Date | null;
  readonly verdict: "failed" | "cancelled" | null;
  readonly verdict_reason: string | null;
  readonly begins_wait: boolean;
}

/**
 * JSON has no dates: a column whose name ends in `_at` holds one. The texts are made by `hopRows`, whose rows have the
 * columns of these tables.
 */
export function rowsOf<Row extends object>(text: string): readonly Row[] {
  if (text === "[]") return [];
  const rows = JSON.parse(text) as readonly Row[];
  const dates = Object.keys(rows[0] ?? {}).filter((name) => name.endsWith("_at"));
  for (const row of rows as readonly Record<string, unknown>[]) {
    for (const name of dates) {
      const value = row[name];
      if (typeof value === "string") row[name] = new Date(value);
    }
  }
  return rows;
}

/** Writes one hop: each task instance by compare-and-set on what it held before. */
export function applyHop(tables: Tables, p: HopTexts, now: Date): readonly object[] {
  const runs = rowsOf<RunChange>(p.runs);
  const is_held = runs.every((run) => tables.runs.get(run.id)?.changed === run.changed);
  if (!is_held) return [{ is_held, now, alerts: 0 }];
  const instances = rowsOf<InstanceChange>(p.instances);
  if (!instances.every((one) => change(tables, one))) throw notWhole();
  for (const row of rowsOf<TryRow>(p.tries)) tables.tries.insert(row);
  for (const row of rowsOf<ReadyRow>(p.ready)) {
    if (!tables.ready.get(row.task_instance_id)) tables.ready.insert(row);
  }
  for (const row of tables.ready.some(p.unready_ids)) tables.ready.delete(row);
  for (const id of p.released_ids) letGo(tables, id);
  for (const row of rowsOf<HolderRow>(p.holds)) hold(tables, row);
  const alerts = rowsOf<HopAlert>(p.alerts).filter((row) => raise(tables, row, now)).length;
  for (const row of runs) end(tables, row);
  return [{ is_held, now, alerts }];
}

/** What a statement says of a row that was not as it was given. */
export function notWhole(): Error {
  return Object.assign(new Error("division by zero"), { code: "22012" });
}

type HopAlert = AlertRow & { readonly payload: { readonly startedAt: string } };

/** @returns whether it is new */
function raise(tables: Tables, row: HopAlert, now: Date): boolean {
  if (row.kind === "dag_run.recovered" && !isRecovery(tables, row)) return false;
  if (tables.alerts.get(alertKey(row))) return false;
  tables.alerts.insert({ ...row, created_at: now });
  return true;
}

/** Whether a success comes after a failure: of the same run, or of one that failed before this one began. */
function isRecovery({ alertsOf }: Tables, { dag_id, dag_run_id, payload }: HopAlert): boolean {
  const began = new Date(payload.startedAt);
  const told = (kind: string) => [...alertsOf(keyOf(dag_id, kind))];
  const ended = [...told("dag_run.recovered"), ...told("dag_run.succeeded")];
  const since = Math.max(0, ...ended.map((row) => row.created_at.getTime()));
  return told("dag_run.failed").some(
    (row) =>
      row.created_at.getTime() > since && (row.dag_run_id === dag_run_id || row.created_at < began),
  );
}

function change(tables: Tables, change: InstanceChange): boolean {
  const { id, from_state, from_lease, lease, ...columns } = change;
  const row = tables.instances.get(id);
  if (row?.state !== from_state || row.lease_token !== from_lease) return false;
  tables.instances.update(row, { ...columns, lease_token: lease });
  return true;
}

function end(tables: Tables, { id, ended_at, ...given }: RunChange): void {
  const run = tables.runs.get(id);
  if (!run) return;
  const { state, reason } = given;
  const changed = run.changed + 1;
  const isOpen = ended_at === null;
  const times_out_at = isOpen && given.verdict === null ? run.times_out_at : null;
  const verdict = isOpen ? (given.verdict ?? run.verdict) : null;
  const verdict_reason = isOpen ? (given.verdict_reason ?? run.verdict_reason) : null;
  const decided = { changed, decided: changed, needs_decision: given.begins_wait };
  const waits_for_past = state === "queued";
  const ends = { state, reason, waits_for_past, ended_at, times_out_at, verdict, verdict_reason };
  tables.runs.update(run, { ...decided, ...ends });
  if (!isOpen) tellEnd(tables, run);
}

/** Records what a task instance takes of a limit. */
export function hold(tables: Tables, row: HolderRow): void {
  const known = tables.holders.get(keyOf(row.kind, row.name, row.task_instance_id));
  if (known) tables.holders.delete(known);
  tables.holders.insert(row);
}

/** Gives back what a task instance takes of limits. */
export function letGo(tables: Tables, taskInstanceId: string): void {
  for (const row of [...tables.holdersOf(taskInstanceId)]) tables.holders.delete(row);
}
