import type { PastOpenRow, PastWait, Passed } from "../../store/past.ts";
import { byId, type PastWaitRow, type RunRow, type Tables } from "./tables.ts";

interface RunIds {
  readonly dag_run_ids: readonly string[];
}

const timeOf = (at: Date | null): number => at?.getTime() ?? -Infinity;

/** The runs of a DAG before another one that may be its past, the nearest first. */
function runsBefore(tables: Tables, run: RunRow): RunRow[] {
  const { logical_date } = run;
  if (logical_date === null) return [];
  const { catchup } = tables.manifestOf(run);
  return [...tables.runsOf(run.dag_id)]
    .filter((other) => other.logical_date !== null && other.logical_date < logical_date)
    .filter((other) => catchup !== "all" || other.run_type !== "manual")
    .sort(
      (a, b) =>
        timeOf(b.logical_date) - timeOf(a.logical_date) ||
        Number(a.state === "cancelled") - Number(b.state === "cancelled") ||
        byId(b.dag_run_id, a.dag_run_id),
    );
}

function statesOf(tables: Tables, run: RunRow): Record<string, readonly string[]> {
  const rows = [...tables.instancesOf(run.dag_run_id)];
  const byTask = Map.groupBy(rows, (row) => row.task_id);
  return Object.fromEntries([...byTask].map(([id, own]) => [id, own.map((row) => row.state)]));
}

function pastRow(tables: Tables, run: RunRow): object {
  const [past] = runsBefore(tables, run);
  return {
    dag_run_id: run.dag_run_id,
    dag_id: run.dag_id,
    logical_date: run.logical_date,
    is_first_of_backfill: run.backfill_id !== null && run.backfill_ordinal === 1,
    past_dag_run_id: past?.dag_run_id ?? null,
    past_dag_version_id: past?.dag_version_id ?? null,
    past_run_id: past?.run_id ?? null,
    past_date: past?.logical_date ?? null,
    past_changed: past ? String(past.changed) : null,
    states: past ? statesOf(tables, past) : null,
  };
}

/** Waits for the run of a date or for one before it. */
function waitsOver(tables: Tables, { dag_id, logical_date }: RunRow): PastWaitRow[] {
  if (logical_date === null) return [];
  return [...tables.waitsOf(dag_id)].filter(
    (wait) => wait.past_date <= logical_date && logical_date < wait.logical_date,
  );
}

/** A run that starts may be the right past of one that waits for another. */
export function tellOfStart(tables: Tables, run: RunRow): void {
  for (const wait of waitsOver(tables, run)) {
    if (wait.past_dag_run_id !== run.dag_run_id) tables.waits.update(wait, { is_due: true });
  }
}

/** What runs look back with; in this store every change is seen, so a wait is settled when it is made. */
export const pastQueries = {
  PastRead: (tables: Tables, p: RunIds) =>
    tables.runs.some(p.dag_run_ids).map((run) => pastRow(tables, run)),

  PastHadBefore: (
    tables: Tables,
    p: { readonly dag_run_id: string; readonly task_ids: readonly string[] },
  ) => {
    const [run] = tables.runs.some([p.dag_run_id]);
    const before = run ? runsBefore(tables, run).slice(0, 1_000) : [];
    const known = new Set(before.flatMap((other) => Object.keys(statesOf(tables, other))));
    return p.task_ids.filter((id) => known.has(id)).map((task_id) => ({ task_id }));
  },

  PastWaitInsert: (tables: Tables, p: { readonly waits: string }) => {
    const waits = JSON.parse(p.waits) as readonly PastWait[];
    for (const wait of waits) {
      for (const known of tables.waits.some([wait.dag_run_id])) tables.waits.delete(known);
      const logical_date = new Date(wait.logical_date);
      const past_date = new Date(wait.past_date);
      tables.waits.insert({ ...wait, logical_date, past_date, is_due: false });
    }
    return waits;
  },

  PastHold: (tables: Tables, p: RunIds) => {
    const runs = tables.runs.some(p.dag_run_ids).filter((run) => run.state === "queued");
    for (const run of runs) tables.runs.update(run, { waits_for_past: true });
    return runs;
  },

  PastNotice: (tables: Tables, p: { readonly passed: string }) => {
    const passed = JSON.parse(p.passed) as readonly Passed[];
    const told = passed.flatMap(({ dag_run_id, task_ids }) =>
      tables.runs
        .some([dag_run_id])
        .flatMap((run) => waitsOver(tables, run))
        .filter((wait) => !wait.is_due && wait.task_ids.some((id) => task_ids.includes(id))),
    );
    for (const wait of told) tables.waits.update(wait, { is_due: true });
    return told;
  },

  PastOpen: (tables: Tables): readonly PastOpenRow[] =>
    [...tables.dueWaits].map(({ dag_run_id, past_dag_run_id, is_due }) => {
      return { dag_run_id, past_dag_run_id, is_settled: true, is_due };
    }),

  PastRelease: (tables: Tables, p: RunIds) => {
    for (const wait of tables.waits.some(p.dag_run_ids)) tables.waits.delete(wait);
    const open = tables.runs
      .some(p.dag_run_ids)
      .filter(({ state }) => state === "queued" || state === "running");
    for (const run of open) {
      const isRunning = run.state === "running";
      const changed = run.changed + Number(isRunning);
      tables.runs.update(run, { waits_for_past: false, needs_decision: isRunning, changed });
    }
    return open;
  },

  /** Carried out at once, where the engine leaves a request for the next step. */
  RequestPauseFailing: (tables: Tables, p: { readonly dag_ids: readonly string[] }) => {
    const dags = tables.dags.some(p.dag_ids).filter((dag) => {
      const most = tables.manifestOf(dag).maxConsecutiveFailedRuns ?? Infinity;
      const last = [...tables.runsOf(dag.dag_id)]
        .filter(({ state }) => state === "success" || state === "failed")
        .sort(
          (a, b) => timeOf(b.run_after) - timeOf(a.run_after) || byId(b.dag_run_id, a.dag_run_id),
        )
        .slice(0, most);
      return last.length === most && last.every((run) => run.state === "failed");
    });
    for (const dag of dags) tables.dags.update(dag, { is_paused: true });
    return dags;
  },
};
