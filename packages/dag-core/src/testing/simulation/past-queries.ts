import type { Passed, PastWait } from "../../store/past.ts";
import { finishedRunStates } from "../../definition/states.ts";
import { byId, type PastWaitRow, type RunRow, type Tables } from "./tables.ts";

interface RunIds {
  readonly dag_run_ids: readonly string[];
}

/** Earlier runs of a run's DAG by logical date, newest first. */
function earlier(tables: Tables, run: RunRow): readonly RunRow[] {
  const { logical_date: date, dag_id } = run;
  if (date === null) return [];
  const time = ({ logical_date }: RunRow) => logical_date?.getTime() ?? 0;
  return [...tables.runsOfDag(dag_id)]
    .filter((one) => one.logical_date !== null && one.logical_date < date)
    .sort(
      (a, b) =>
        time(b) - time(a) ||
        Number(a.state === "cancelled") - Number(b.state === "cancelled") ||
        byId(b.dag_run_id, a.dag_run_id),
    );
}

function readPast(tables: Tables, run: RunRow): object {
  const catchesUp = tables.manifestOf(run).catchup === "all";
  const past = earlier(tables, run).find((one) => one.run_type !== "manual" || !catchesUp);
  const states = new Map<string, string[]>();
  for (const { task_id, state } of past ? tables.instancesOf(past.dag_run_id) : []) {
    states.set(task_id, [...new Set([...(states.get(task_id) ?? []), state])]);
  }
  return {
    dag_run_id: run.dag_run_id,
    dag_id: run.dag_id,
    logical_date: run.logical_date,
    is_first_of_backfill: run.backfill_id !== null && run.backfill_ordinal === 1,
    past_dag_run_id: past?.dag_run_id ?? null,
    past_dag_version_id: past?.dag_version_id ?? null,
    past_run_id: past?.run_id ?? null,
    past_date: past?.logical_date ?? null,
    past_state: past?.state ?? null,
    past_is_of_same_backfill:
      past !== undefined && run.backfill_id !== null && past.backfill_id === run.backfill_id,
    past_changed: past ? String(past.changed) : null,
    states: states.size > 0 ? Object.fromEntries(states) : null,
  };
}

/** Waits of later runs whose past a run is, or comes to be. */
export function waitsFor(tables: Tables, run: RunRow): readonly PastWaitRow[] {
  const { logical_date: date } = run;
  if (date === null) return [];
  return [...tables.pastWaits.all()].filter(
    (wait) => wait.dag_id === run.dag_id && wait.logical_date > date && wait.past_date <= date,
  );
}

function release(tables: Tables, run: RunRow): readonly object[] {
  if (finishedRunStates.has(run.state)) return [];
  const isRunning = run.state === "running";
  tables.runs.update(run, {
    waits_for_past: false,
    needs_decision: isRunning,
    changed: run.changed + Number(isRunning),
  });
  return [{ dag_run_id: run.dag_run_id }];
}

/** What runs look back on the one before them with. */
export const pastQueries = {
  PastRead: (tables: Tables, p: RunIds) =>
    tables.runs.some(p.dag_run_ids).map((run) => readPast(tables, run)),

  PastHadBefore: (
    tables: Tables,
    p: { readonly dag_run_id: string; readonly task_ids: readonly string[] },
  ) => {
    const run = tables.runs.get(p.dag_run_id);
    const before = run ? earlier(tables, run).slice(0, 1_000) : [];
    const had = new Set(
      before.flatMap((one) => [...tables.instancesOf(one.dag_run_id)].map((row) => row.task_id)),
    );
    return p.task_ids.filter((id) => had.has(id)).map((task_id) => ({ task_id }));
  },

  PastWaitInsert: (tables: Tables, p: { readonly waits: string }) => {
    const waits = JSON.parse(p.waits) as readonly PastWait[];
    return waits.map((wait) => {
      const known = tables.pastWaits.get(wait.dag_run_id);
      if (known) tables.pastWaits.delete(known);
      tables.pastWaits.insert({
        ...wait,
        logical_date: new Date(wait.logical_date),
        past_date: new Date(wait.past_date),
        is_settled: false,
        is_due: false,
      });
      return wait;
    });
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
        .flatMap((run) => waitsFor(tables, run))
        .filter((wait) => !wait.is_due && wait.task_ids.some((id) => task_ids.includes(id))),
    );
    for (const wait of told) tables.pastWaits.update(wait, { is_due: true });
    return told;
  },

  PastOpen: (tables: Tables, p: { readonly max_runs: number }) =>
    [...tables.pastWaits.all()]
      .filter((wait) => wait.is_due || !wait.is_settled)
      .sort((a, b) => byId(a.dag_run_id, b.dag_run_id))
      .slice(0, p.max_runs)
      .map((wait) => ({ ...wait })),

  PastSettle: (tables: Tables, p: RunIds & { readonly past_dag_run_ids: readonly string[] }) => {
    for (const run of tables.runs.some(p.past_dag_run_ids)) {
      if (!run.is_awaited) tables.runs.update(run, { is_awaited: true });
    }
    return tables.pastWaits
      .some(p.dag_run_ids)
      .filter((wait) => !wait.is_settled && p.past_dag_run_ids.includes(wait.past_dag_run_id))
      .map((wait) => {
        const past = tables.runs.get(wait.past_dag_run_id);
        const is_due = wait.is_due || (past?.changed ?? 0) > wait.past_changed;
        tables.pastWaits.update(wait, { is_settled: true, is_due });
        return { dag_run_id: wait.dag_run_id, is_due };
      });
  },

  PastRelease: (tables: Tables, p: RunIds) => {
    for (const wait of tables.pastWaits.some(p.dag_run_ids)) tables.pastWaits.delete(wait);
    return tables.runs.some(p.dag_run_ids).flatMap((run) => release(tables, run));
  },
};
