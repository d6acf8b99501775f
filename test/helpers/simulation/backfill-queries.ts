import {
  byId,
  type IntervalRow,
  keyOf,
  type Tables,
} from "../../../packages/dag-core/src/testing/simulation/tables.ts";
import type { QueryHandlers } from "../../../packages/dag-core/src/testing/simulation/memory-store.ts";
import type { BackfillState } from "../../../packages/dag-core/src/store/backfill.ts";
import { queuedRun } from "../../../packages/dag-core/src/testing/simulation/schedule-queries.ts";
import { cancel, cleared, collapse, requeued } from "./verb-queries.ts";

interface OneBackfill {
  readonly backfill_id: string;
}
interface Span {
  readonly span_start: Date;
  readonly span_end: Date;
}
interface Dates {
  readonly dag_id: string;
  readonly from_date: Date;
  readonly to_date: Date;
}

const runIsOf = ({ backfill_id }: OneBackfill, tables: Tables) =>
  [...tables.runs.all()].filter((run) => run.backfill_id === backfill_id);

function covered(tables: Tables, dagId: string, p: Span): IntervalRow[] {
  const rows = tables.intervalsOf(dagId).filter((row) => row.interval_start <= p.span_end);
  const last = rows.findLastIndex((row) => row.interval_start < p.span_start);
  return rows.slice(Math.max(0, last));
}

interface CreatedRuns extends OneBackfill {
  readonly dag_id: string;
  readonly dag_version_id: string;
  readonly run_numbers: readonly string[];
  readonly run_ids: readonly string[];
  readonly run_starts: readonly Date[];
  readonly run_ends: readonly Date[];
  readonly run_ordinals: readonly number[];
}

function createRun(tables: Tables, p: CreatedRuns, n: number, now: Date): object {
  const start = p.run_starts[n] ?? now;
  const end = p.run_ends[n] ?? now;
  const dag_run_id = p.run_numbers[n] ?? "";
  const run = {
    dag_run_id,
    dag_id: p.dag_id,
    dag_version_id: p.dag_version_id,
    run_id: p.run_ids[n] ?? "",
    run_type: "backfill" as const,
    logical_date: start,
    data_interval_start: start,
    data_interval_end: end,
    run_after: end,
    backfill_id: p.backfill_id,
    backfill_ordinal: p.run_ordinals[n] ?? 0,
  };
  tables.runs.insert(queuedRun(run, now));
  tables.intervals.insert({
    dag_id: p.dag_id,
    dag_run_id,
    interval_start: start,
    interval_end: end,
  });
  return run;
}

function clearRun(tables: Tables, dagRunId: string): void {
  const run = tables.runs.get(dagRunId);
  if (!run) return;
  const { tasks } = tables.manifestOf(run);
  const own = Map.groupBy(tables.instancesOf(dagRunId), (row) => row.task_id);
  for (const [taskId, rows] of own) {
    const row = collapse(tables, rows);
    const retries = tasks.find((task) => task.taskId === taskId)?.retries ?? 0;
    if (row) tables.instances.update(row, cleared(row, retries));
  }
}

/** The queries behind the verbs of backfills, over the simulated store. */
export const backfillQueries = {
  BackfillFacts: (tables: Tables, p: OneBackfill) => tables.backfills.some([p.backfill_id]),

  BackfillCovered: (tables: Tables, p: Span & { readonly dag_id: string }) =>
    covered(tables, p.dag_id, p).map((row) => ({ ...tables.runs.get(row.dag_run_id), ...row })),

  BackfillOverlaps: (tables: Tables, p: Dates) =>
    [...tables.backfills.all()].filter(
      (row) =>
        row.dag_id === p.dag_id &&
        row.ended_at === null &&
        row.from_date <= p.to_date &&
        row.to_date >= p.from_date,
    ),

  BackfillRunsBetween: () => [],
  BackfillUnfinished: () => [],
  BackfillCancelling: () => [],

  BackfillInsert: (tables: Tables, p: Dates & { readonly max_active_runs: number }) => {
    const backfill_id = tables.nextId();
    const { dag_id, from_date, to_date, max_active_runs } = p;
    const row = { backfill_id, dag_id, from_date, to_date, max_active_runs };
    tables.backfills.insert({ ...row, state: "running", ended_at: null });
    return [{ backfill_id }];
  },

  BackfillRunIdsTaken: (
    tables: Tables,
    p: { readonly dag_id: string; readonly run_ids: readonly string[] },
  ) =>
    p.run_ids
      .filter((run_id) => tables.runByName(keyOf(p.dag_id, run_id)).size > 0)
      .map((run_id) => ({ run_id })),

  BackfillRunNumbers: (tables: Tables, p: { readonly runs: number }) =>
    Array.from({ length: p.runs }, () => ({ dag_run_id: tables.nextId() })),

  BackfillRunStore: (tables: Tables, p: CreatedRuns, now: Date) =>
    p.run_ids.map((_, n) => createRun(tables, p, n, now)),

  BackfillRunClear: (
    tables: Tables,
    p: OneBackfill & {
      readonly dag_run_ids: readonly string[];
      readonly ordinals: readonly number[];
    },
    now: Date,
  ) =>
    p.dag_run_ids.flatMap((dagRunId, n) => {
      const run = tables.runs.get(dagRunId);
      if (!run || (run.state !== "success" && run.state !== "failed")) return [];
      clearRun(tables, dagRunId);
      tables.runs.update(run, {
        ...requeued(run, now),
        run_type: "backfill",
        backfill_id: p.backfill_id,
        backfill_ordinal: p.ordinals[n] ?? 0,
      });
      return [run];
    }),

  BackfillSetState: (
    tables: Tables,
    p: OneBackfill & {
      readonly state: BackfillState;
      readonly from_states: readonly string[];
    },
  ) => {
    const rows = tables.backfills
      .some([p.backfill_id])
      .filter((row) => p.from_states.includes(row.state));
    for (const row of rows) tables.backfills.update(row, { state: p.state });
    return rows;
  },

  BackfillRunsInState: (
    tables: Tables,
    p: OneBackfill & { readonly state: string; readonly max_runs: number },
  ) =>
    runIsOf(p, tables)
      .filter((run) => run.state === p.state)
      .sort((a, b) => byId(a.dag_run_id, b.dag_run_id))
      .slice(0, p.max_runs),

  BackfillRunCancel: (
    tables: Tables,
    p: { readonly dag_run_ids: readonly string[] },
    now: Date,
  ) => {
    const runs = tables.runs.some(p.dag_run_ids).filter((run) => run.state === "queued");
    for (const run of runs) {
      cancel(tables, run, now);
      for (const row of tables.instancesOf(run.dag_run_id)) {
        if (!["none", "scheduled", "up_for_retry", "up_for_reschedule"].includes(row.state))
          continue;
        const ended = { state: "cancelled", reason: "manual", ended_at: now } as const;
        tables.instances.update(row, { ...ended, wake_at: null });
      }
    }
    return [{ cancelled: runs.length }];
  },
} satisfies QueryHandlers;
