import type { Expansion } from "../../store/run-apply.ts";
import { applyHop } from "./apply-hop.ts";
import { alertKey, byId, type InstanceRow, keyOf, type RunRow, type Tables } from "./tables.ts";
import { waitsFor } from "./past-queries.ts";

interface RunIds {
  readonly dag_run_ids: readonly string[];
}
interface Group {
  readonly dag_id: string;
  readonly backfill_id: string | null;
}

const inOrder = (tables: Tables, ids: readonly string[]): RunRow[] =>
  tables.runs.some(ids.toSorted(byId));

const isOf = (group: Group) => (run: RunRow) =>
  run.dag_id === group.dag_id && run.backfill_id === group.backfill_id;

/** Every column of a new task instance. */
export function newInstance(
  row: Pick<InstanceRow, "task_instance_id" | "dag_run_id" | "task_id"> & Partial<InstanceRow>,
): InstanceRow {
  return {
    map_index: -1,
    state: "none",
    reason: null,
    try_number: 0,
    max_tries: 0,
    cleared_at_try: 0,
    clear_number: 0,
    hand_off: 0,
    infra_retries: 0,
    list_length: null,
    runs_alone: false,
    choices: null,
    lease_token: null,
    process_id: null,
    ready_at: null,
    started_at: null,
    ended_at: null,
    wake_at: null,
    first_poke_at: null,
    wake_key: null,
    woken_by: null,
    ...row,
  };
}

function startRun(tables: Tables, run: RunRow, now: Date): void {
  const { tasks, runTimeoutMs } = tables.manifestOf(run);
  tables.runs.update(run, {
    state: "running",
    started_at: run.started_at ?? now,
    times_out_at: runTimeoutMs === undefined ? null : new Date(now.getTime() + runTimeoutMs),
    changed: run.changed + 1,
  });
  for (const wait of waitsFor(tables, run)) {
    if (wait.past_dag_run_id !== run.dag_run_id) tables.pastWaits.update(wait, { is_due: true });
  }
  const known = new Set([...tables.instancesOf(run.dag_run_id)].map((row) => row.task_id));
  for (const { taskId, retries } of tasks) {
    if (known.has(taskId)) continue;
    const { dag_run_id } = run;
    const task_instance_id = tables.nextId();
    tables.instances.insert(
      newInstance({ task_instance_id, dag_run_id, task_id: taskId, max_tries: retries }),
    );
  }
}

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

  DagRunLockSkipping: (tables: Tables, p: RunIds) =>
    inOrder(tables, p.dag_run_ids).map(({ dag_run_id, dag_version_id, ...run }) => {
      const is_new = run.started_at === null && run.clear_number === 0;
      return { dag_run_id, dag_version_id, is_new };
    }),
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
    const groups = new Map<string, Group>();
    for (const { dag_id, backfill_id, waits_for_past } of tables.queuedRuns) {
      if (waits_for_past) continue;
      groups.set(keyOf(dag_id, backfill_id ?? 0), { dag_id, backfill_id });
    }
    const isAsked = ({ dag_id }: Group) =>
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

  DagRunQueuedCandidates: (tables: Tables, p: Group & { readonly max_runs: number }, now: Date) =>
    [...tables.queuedRuns]
      .filter(isOf(p))
      .filter((run) => !run.waits_for_past && run.run_after <= now)
      .sort(
        (a, b) =>
          (a.backfill_ordinal ?? 0) - (b.backfill_ordinal ?? 0) ||
          a.run_after.getTime() - b.run_after.getTime() ||
          byId(a.dag_run_id, b.dag_run_id),
      )
      .slice(0, p.max_runs),

  DagRunCountRunning: (tables: Tables, p: Group) => [
    { running: [...tables.runningRuns].filter(isOf(p)).length },
  ],

  DagRunStart: (tables: Tables, p: RunIds, now: Date) => {
    const runs = tables.runs.some(p.dag_run_ids).filter((run) => run.state === "queued");
    for (const run of runs) startRun(tables, run, now);
    return runs;
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
