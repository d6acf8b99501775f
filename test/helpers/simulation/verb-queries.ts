import { letGo } from "../../../packages/dag-core/src/testing/simulation/apply-hop.ts";
import type { QueryHandlers } from "../../../packages/dag-core/src/testing/simulation/memory-store.ts";
import {
  byId,
  type InstanceRow,
  type RunRow,
  type Tables,
} from "../../../packages/dag-core/src/testing/simulation/tables.ts";
import { tellEnd } from "../../../packages/dag-core/src/testing/simulation/wait-queries.ts";

interface OneRun {
  readonly dag_run_id: string;
}
interface Instances {
  readonly task_instance_ids: readonly string[];
}

const sorted = (rows: Iterable<InstanceRow>): InstanceRow[] =>
  [...rows].sort((a, b) => byId(a.task_instance_id, b.task_instance_id));

const isOver = (run: RunRow): boolean => run.state !== "queued" && run.state !== "running";

/** What a clear makes of a task instance. */
export function cleared(row: InstanceRow, retries: number): Partial<InstanceRow> {
  return {
    state: "none",
    reason: null,
    clear_number: row.clear_number + 1,
    max_tries: row.try_number + retries,
    cleared_at_try: row.try_number,
    infra_retries: 0,
    choices: null,
    list_length: null,
    runs_alone: false,
    lease_token: null,
    process_id: null,
    ready_at: null,
    started_at: null,
    ended_at: null,
    wake_at: null,
    wake_key: null,
    first_poke_at: null,
  };
}

function abort(tables: Tables, row: InstanceRow, now: Date): void {
  if (row.state !== "running") return;
  const run = tables.runs.get(row.dag_run_id);
  tables.tries.insert({
    task_instance_id: row.task_instance_id,
    dag_run_id: row.dag_run_id,
    dag_id: run?.dag_id ?? "",
    task_id: row.task_id,
    map_index: row.map_index,
    try_number: row.try_number,
    hand_off: row.hand_off,
    clear_number: row.clear_number,
    state: "cancelled",
    reason: "manual",
    ready_at: row.ready_at ?? now,
    claimed_at: row.started_at ?? now,
    started_at: row.started_at ?? now,
    ended_at: now,
  });
}

/** Makes one instance of a mapped task again. */
export function collapse(tables: Tables, rows: readonly InstanceRow[]): InstanceRow | undefined {
  const [first, ...others] = rows.toSorted((a, b) => a.map_index - b.map_index);
  if (!first) return undefined;
  const clear_number = Math.max(...rows.map((row) => row.clear_number));
  for (const row of others) tables.instances.delete(row);
  tables.instances.update(first, { map_index: -1, clear_number });
  return first;
}

/** The queries behind the verbs of operators, over the simulated store. */
export const verbQueries = {
  BackfillLock: (tables: Tables, p: { readonly backfill_id: string }) =>
    tables.backfills.some([p.backfill_id]),

  RunIdsNear: () => [],

  RunFacts: (tables: Tables, p: OneRun) =>
    tables.runs.some([p.dag_run_id]).map((run) => ({ ...run, manifest: tables.manifestOf(run) })),

  TaskInstanceStates: (tables: Tables, p: OneRun) =>
    sorted(tables.instancesOf(p.dag_run_id)).map((row) => ({ ...row })),

  TaskInstanceAbort: (tables: Tables, p: Instances, now: Date) => {
    const rows = tables.instances.some(p.task_instance_ids);
    for (const row of rows) abort(tables, row, now);
    return rows;
  },

  TaskInstanceRelease: (tables: Tables, p: Instances) => {
    for (const row of tables.ready.some(p.task_instance_ids)) tables.ready.delete(row);
    for (const id of p.task_instance_ids) letGo(tables, id);
    return [];
  },

  TaskInstanceEnd: (
    tables: Tables,
    p: Instances & {
      readonly state: InstanceRow["state"];
      readonly from_states: readonly string[];
    },
    now: Date,
  ) => {
    const rows = tables.instances
      .some(p.task_instance_ids)
      .filter((row) => p.from_states.includes(row.state));
    const ended = {
      state: p.state,
      reason: "manual",
      ended_at: now,
      wake_at: null,
      wake_key: null,
    };
    for (const row of rows) {
      tables.instances.update(row, { ...ended, lease_token: null, process_id: null });
    }
    return rows;
  },

  TaskInstanceClear: (tables: Tables, p: Instances & { readonly retries: readonly number[] }) =>
    p.task_instance_ids.map((id, n) => {
      const row = tables.instances.get(id);
      if (row) tables.instances.update(row, cleared(row, p.retries[n] ?? 0));
      return { task_instance_id: id };
    }),

  TaskInstanceCollapse: (tables: Tables, p: OneRun & { readonly task_ids: readonly string[] }) => {
    const own = sorted(tables.instancesOf(p.dag_run_id));
    for (const taskId of p.task_ids)
      collapse(
        tables,
        own.filter((row) => row.task_id === taskId),
      );
    return [];
  },

  RunTouch: (tables: Tables, p: OneRun) => {
    const runs = tables.runs.some([p.dag_run_id]);
    for (const run of runs) {
      tables.runs.update(run, {
        changed: run.changed + 1,
        needs_decision: run.state !== "queued",
        waits_for_past: false,
        verdict: null,
        verdict_reason: null,
      });
    }
    return runs;
  },

  RunRequeue: (tables: Tables, p: OneRun, now: Date) => {
    const runs = tables.runs.some([p.dag_run_id]).filter(isOver);
    for (const run of runs) {
      const backfill = tables.backfills.get(run.backfill_id ?? "");
      const goesOn = backfill?.ended_at === null && backfill.state !== "cancelling";
      tables.runs.update(run, {
        ...requeued(run, now),
        backfill_id: goesOn ? run.backfill_id : null,
        backfill_ordinal: goesOn ? run.backfill_ordinal : null,
      });
    }
    return runs;
  },

  RunCancel: (tables: Tables, p: OneRun, now: Date) => {
    const runs = tables.runs.some([p.dag_run_id]).filter((run) => !isOver(run));
    for (const run of runs) cancel(tables, run, now);
    return runs;
  },

  RunStop: (tables: Tables, p: OneRun & { readonly verdict: "failed" | "cancelled" }) => {
    const isCancel = p.verdict === "cancelled";
    const covered = isCancel ? [...tables.intervalsOfRun(p.dag_run_id)] : [];
    for (const row of covered) tables.intervals.delete(row);
    const runs = tables.runs.some([p.dag_run_id]).filter((run) => run.state === "running");
    for (const run of runs) {
      tables.runs.update(run, {
        verdict: p.verdict,
        verdict_reason: "manual",
        times_out_at: null,
        changed: run.changed + 1,
        needs_decision: true,
      });
    }
    return runs;
  },

  RunIntervalOfRun: (tables: Tables, p: OneRun) => [
    { intervals: tables.intervalsOfRun(p.dag_run_id).size },
  ],

  DagRunOfProcess: (tables: Tables, p: { readonly process_id: string }, now: Date) =>
    [...tables.runningInstances]
      .filter((row) => row.process_id === p.process_id)
      .filter((row) => tables.runs.get(row.dag_run_id)?.state === "running")
      .map((row) => ({ ...row, is_old: now.getTime() - Number(row.started_at) > 10_000 })),
} satisfies QueryHandlers;

export function requeued(run: RunRow, now: Date): Partial<RunRow> {
  return {
    state: "queued",
    reason: null,
    started_at: null,
    ended_at: null,
    times_out_at: null,
    queued_at: now,
    clear_number: run.clear_number + 1,
    changed: run.changed + 1,
    needs_decision: false,
  };
}

export function cancel(tables: Tables, run: RunRow, now: Date): void {
  for (const row of [...tables.intervalsOfRun(run.dag_run_id)]) tables.intervals.delete(row);
  tables.runs.update(run, {
    state: "cancelled",
    reason: "manual",
    ended_at: now,
    times_out_at: null,
    verdict: null,
    verdict_reason: null,
    changed: run.changed + 1,
    needs_decision: false,
    waits_for_past: false,
  });
  tellEnd(tables, run);
}
