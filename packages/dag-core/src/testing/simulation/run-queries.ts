import type { QueuedGroupRow } from "../../store/dag-run.ts";
import type { Expansion } from "../../store/run-apply.ts";
import { applyHop } from "./apply-hop.ts";
import { newInstance, startQueries } from "./start-queries.ts";
import { alertKey, byId, type InstanceRow, keyOf, type RunRow, type Tables } from "./tables.ts";

interface RunIds {
  readonly dag_run_ids: readonly string[];
}
const inOrder = (tables: Tables, ids: readonly string[]): RunRow[] =>
  tables.runs.some(ids.toSorted(byId));

/** A row as the engine reads it, with whether it can be claimed. */
export const withReady = (tables: Tables, row: InstanceRow): object => ({
  ...row,
  is_ready: tables.ready.get(row.task_instance_id) !== undefined,
});

function expand(tables: Tables, wanted: Expansion, now: Date): readonly object[] {
  const { dag_run_id, task_id, from_index, length, max_tries, clear_number } = wanted;
  const own = [...tables.instancesOf(dag_run_id)].filter((row) => row.task_id === task_id);
  const found = new Map(own.map((row) => [row.map_index, row]));
  const rows: object[] = [];
  for (let map_index = from_index; map_index < length; map_index++) {
    const row = found.get(map_index);
    const start = { state: "scheduled", ready_at: now, ended_at: null, reason: null } as const;
    if (row === undefined) {
      const made = { task_instance_id: tables.nextId(), dag_run_id, task_id, map_index };
      const all = newInstance({ ...made, ...start, max_tries, clear_number, try_number: 1 });
      tables.instances.insert(all);
      rows.push(withReady(tables, all));
    } else if (row.state === "none" || row.state === "removed") {
      tables.instances.update(row, { ...start, try_number: row.try_number + 1 });
      rows.push(withReady(tables, row));
    }
  }
  return rows;
}

function endBackfill(tables: Tables, backfillId: string, now: Date): readonly object[] {
  const backfill = tables.backfills.get(backfillId);
  const runs = [...tables.runs.all()].filter((run) => run.backfill_id === backfillId);
  const isOpen = runs.some((run) => run.state === "queued" || run.state === "running");
  if (!backfill || backfill.ended_at !== null || backfill.state === "creating" || isOpen) return [];
  const isSuccess = runs.every((run) => run.state === "success");
  const ended = isSuccess ? "success" : "failed";
  const state = backfill.state === "cancelling" ? "cancelled" : ended;
  tables.backfills.update(backfill, { state, ended_at: now });
  return [{ backfill_id: backfillId, dag_id: backfill.dag_id, state }];
}

/** What runs and their task instances are advanced with. */
export const runQueries = {
  ...startQueries,

  DagRunLock: (tables: Tables, p: RunIds & { readonly process_id: string | null }, now: Date) => {
    const may_start = tables.processes.get(p.process_id ?? "")?.state === "alive";
    return inOrder(tables, p.dag_run_ids).map((run) => ({
      dag_run_id: run.dag_run_id,
      dag_version_id: run.dag_version_id,
      state: run.state,
      changed: String(run.changed),
      times_out_at: run.times_out_at,
      is_awaited: run.is_awaited,
      verdict: run.verdict,
      verdict_reason: run.verdict_reason,
      needs_decision: run.needs_decision,
      is_paused: tables.dags.get(run.dag_id)?.is_paused ?? false,
      now,
      may_start,
      is_capped: false,
    }));
  },

  DagRunBackfillLock: (tables: Tables, p: { readonly backfill_ids: readonly string[] }) =>
    tables.backfills.some(p.backfill_ids),
  DagRunFacts: (tables: Tables, p: RunIds) =>
    inOrder(tables, p.dag_run_ids).map((run) => ({ ...run })),

  DagRunToDecide: (
    tables: Tables,
    p: { readonly max_runs: number; readonly besides: readonly string[] },
    now: Date,
  ) => {
    const ids = new Set<string>();
    for (const run of tables.undecidedRuns) ids.add(run.dag_run_id);
    for (const row of tables.waitingInstances) {
      if (row.wake_at !== null && row.wake_at <= now) ids.add(row.dag_run_id);
    }
    for (const run of tables.runningRuns) {
      if (run.times_out_at !== null && run.times_out_at <= now) ids.add(run.dag_run_id);
    }
    const wanted = [...ids].filter((id) => !p.besides.includes(id));
    return wanted.slice(0, p.max_runs).map((dag_run_id) => ({ dag_run_id }));
  },

  DagRunQueuedGroups: (tables: Tables) => {
    const groups = new Map<string, QueuedGroupRow>();
    for (const { dag_id, backfill_id, waits_for_past } of tables.queuedRuns) {
      if (waits_for_past) continue;
      groups.set(keyOf(dag_id, backfill_id ?? 0), { dag_id, backfill_id, has_workers: false });
    }
    const isAsked = ({ dag_id }: QueuedGroupRow) =>
      [...tables.requests.all()].some((request) => request.dag_id === dag_id);
    const inTurn = [...groups.values()].sort(
      (a, b) =>
        Number(a.backfill_id !== null) - Number(b.backfill_id !== null) ||
        (a.dag_id < b.dag_id ? -1 : Number(a.dag_id > b.dag_id)) ||
        byId(a.backfill_id ?? "0", b.backfill_id ?? "0"),
    );
    return inTurn.filter((group) => {
      const { dag_id, backfill_id } = group;
      if (isAsked(group)) return false;
      const dag = tables.dags.get(dag_id);
      const backfill = backfill_id === null ? undefined : tables.backfills.get(backfill_id);
      const goesOn = backfill === undefined || backfill.state === "running";
      return dag !== undefined && dag.is_present && !dag.is_paused && goesOn;
    });
  },

  DagRunOfLostProcesses: (tables: Tables) =>
    [...tables.runningInstances]
      .filter((row) => tables.processes.get(row.process_id ?? "")?.state !== "alive")
      .filter((row) => tables.runs.get(row.dag_run_id)?.state === "running")
      .map((row) => ({ ...row })),

  DagRunBackfillEnd: (tables: Tables, p: { readonly backfill_ids: readonly string[] }, now: Date) =>
    p.backfill_ids.flatMap((id) => endBackfill(tables, id, now)),

  TaskInstanceOfRuns: (tables: Tables, p: RunIds) =>
    p.dag_run_ids
      .flatMap((id) => [...tables.instancesOf(id)])
      .sort((a, b) => byId(a.task_instance_id, b.task_instance_id))
      .map((row) => withReady(tables, row)),

  TaskInstanceExpand: (tables: Tables, p: { readonly expansions: string; readonly now: Date }) => {
    const wanted = JSON.parse(p.expansions) as readonly Expansion[];
    return wanted.flatMap((one) => expand(tables, one, p.now));
  },

  AlertRaise: (
    tables: Tables,
    p: { readonly kind: string; readonly dag_id: string; readonly subject: string },
    now: Date,
  ) => {
    const { kind, dag_id, subject } = p;
    const none = { dag_run_id: "0", clear_number: 0, task_instance_id: "0", try_number: 0 };
    const row = { ...none, hand_off: 0, kind, dag_id, subject, created_at: now };
    if (tables.alerts.get(alertKey(row))) return [];
    tables.alerts.insert(row);
    return [row];
  },

  RunApply: applyHop,
};
