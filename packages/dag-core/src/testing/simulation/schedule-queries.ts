import type { DagManifest } from "../../definition/manifest.ts";
import type { RunType } from "../../definition/states.ts";
import type { JsonValue } from "../../kernel/json.ts";
import { type IntervalRow, keyOf, type RunRow, type Tables } from "./tables.ts";

interface LoadedDag {
  readonly dag_id: string;
  readonly file: string;
  readonly hash: string;
  readonly manifest: DagManifest;
}

function versionOf(tables: Tables, { dag_id, hash, manifest }: LoadedDag): string {
  for (const row of tables.versions.all()) {
    if (row.dag_id === dag_id && row.manifest_hash === hash) return row.dag_version_id;
  }
  const dag_version_id = tables.nextId();
  tables.versions.insert({ dag_version_id, dag_id, manifest_hash: hash, manifest });
  return dag_version_id;
}

function registerDag(tables: Tables, loaded: LoadedDag, isPaused: boolean, now: Date): object {
  const dag_version_id = versionOf(tables, loaded);
  const { dag_id, file } = loaded;
  const known = tables.dags.get(dag_id);
  if (known) {
    const isDue = known.dag_version_id !== dag_version_id || !known.is_present;
    const next_run_after = isDue ? now : known.next_run_after;
    tables.dags.update(known, { dag_version_id, file, is_present: true, next_run_after });
  } else {
    tables.dags.insert({
      dag_id,
      dag_version_id,
      file,
      is_paused: isPaused,
      is_present: true,
      last_interval_start: null,
      last_interval_end: null,
      next_run_after: now,
    });
  }
  return { dag_id, dag_version_id };
}

interface InsertedRuns {
  readonly dag_ids: readonly string[];
  readonly dag_version_ids: readonly string[];
  readonly run_type: RunType;
  readonly triggered_by: string;
  readonly params: string;
  readonly run_ids: readonly string[];
  readonly logical_dates: readonly (Date | null)[];
  readonly starts: readonly Date[];
  readonly ends: readonly Date[];
  readonly run_afters: readonly Date[];
}

/** Every column of a new queued run. */
export function queuedRun(
  run: Pick<RunRow, "dag_run_id" | "dag_id" | "dag_version_id" | "run_id" | "run_type"> &
    Pick<RunRow, "logical_date" | "data_interval_start" | "data_interval_end" | "run_after"> &
    Partial<RunRow>,
  now: Date,
): RunRow {
  return {
    state: "queued",
    reason: null,
    params: {},
    triggered_by: "simulation",
    interval_bounds: null,
    backfill_id: null,
    waits_for_past: false,
    backfill_ordinal: null,
    slot_number: 0,
    clear_number: 0,
    changed: 0,
    decided: 0,
    needs_decision: false,
    queued_at: now,
    created_at: now,
    started_at: null,
    ended_at: null,
    times_out_at: null,
    verdict: null,
    verdict_reason: null,
    is_awaited: false,
    ...run,
  };
}

function insertRuns(tables: Tables, p: InsertedRuns, now: Date): readonly object[] {
  return p.run_ids.flatMap((run_id, n) => {
    const data_interval_start = p.starts[n] ?? now;
    const data_interval_end = p.ends[n] ?? now;
    const dag_id = p.dag_ids[n] ?? "";
    const dag = tables.dags.get(dag_id);
    if (!dag?.is_present || dag.dag_version_id !== p.dag_version_ids[n]) return [];
    if (tables.runByName(keyOf(dag_id, run_id)).size > 0) return [];
    const dag_run_id = tables.nextId();
    const run = queuedRun(
      {
        dag_run_id,
        dag_id,
        dag_version_id: dag.dag_version_id,
        run_id,
        run_type: p.run_type,
        triggered_by: p.triggered_by,
        params: JSON.parse(p.params) as JsonValue,
        logical_date: p.logical_dates[n] ?? null,
        data_interval_start,
        data_interval_end,
        run_after: p.run_afters[n] ?? now,
      },
      now,
    );
    tables.runs.insert(run);
    const { is_paused } = dag;
    return [{ dag_run_id, dag_id, run_id, data_interval_start, data_interval_end, is_paused }];
  });
}

/** Intervals of a DAG do not overlap, so of those that begin before the span only the last can reach into it. */
export function overlapping(tables: Tables, dagId: string, start: Date, end: Date): IntervalRow[] {
  const rows = tables.intervalsOf(dagId);
  const isInstant = start.getTime() === end.getTime();
  const found: IntervalRow[] = [];
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at];
    if (row === undefined) break;
    const isAtInstant = isInstant && row.interval_start.getTime() === end.getTime();
    const isBefore = row.interval_start < start;
    if (isBefore ? row.interval_end > start : row.interval_start < end || isAtInstant)
      found.push(row);
    if (isBefore) break;
  }
  return found.reverse();
}

/** Runs of a DAG that have not ended, but for those of its backfills. */
export function activeRunsOf(tables: Tables, dagId: string): number {
  const isOwn = (run: RunRow) => run.dag_id === dagId && run.backfill_id === null;
  return [...tables.queuedRuns, ...tables.runningRuns].filter(isOwn).length;
}

/** What the schedules of DAGs are read from and moved on with. */
export const scheduleQueries = {
  DagRegister: (
    tables: Tables,
    p: { readonly dags: string; readonly paused_at_creation: boolean },
    now: Date,
  ) => {
    const dags = JSON.parse(p.dags) as readonly LoadedDag[];
    return dags.map((loaded) => registerDag(tables, loaded, p.paused_at_creation, now));
  },

  DagForget: (
    tables: Tables,
    p: { readonly dag_ids: readonly string[]; readonly failed_files: readonly string[] },
  ) => {
    const gone = [...tables.dags.all()].filter(
      (dag) =>
        dag.is_present && !p.dag_ids.includes(dag.dag_id) && !p.failed_files.includes(dag.file),
    );
    for (const dag of gone) tables.dags.update(dag, { is_present: false });
    return gone;
  },

  ImportErrorReplace: () => [],
  EventInsert: () => [],
  PoolSlots: ({ pools }: Tables) => [...pools].map(([pool, slots]) => ({ pool, slots })),

  DagVersionOf: (tables: Tables, p: { readonly dag_version_ids: readonly string[] }) =>
    tables.versions.some(p.dag_version_ids),

  DagLockDue: (tables: Tables, p: { readonly now: Date; readonly max_dags: number }, now: Date) =>
    [...tables.dags.all()]
      .filter((dag) => !dag.is_paused && dag.is_present)
      .filter((dag) => dag.next_run_after !== null && dag.next_run_after <= p.now)
      .sort(
        (a, b) =>
          Number(a.next_run_after) - Number(b.next_run_after) || (a.dag_id < b.dag_id ? -1 : 1),
      )
      .slice(0, p.max_dags)
      .map((dag) => ({ ...dag, now })),

  DagCountActive: (tables: Tables, p: { readonly dag_ids: readonly string[] }) =>
    p.dag_ids.map((dag_id) => ({ dag_id, active: activeRunsOf(tables, dag_id) })),

  DagScheduled: (
    tables: Tables,
    p: {
      readonly dag_ids: readonly string[];
      readonly last_interval_starts: readonly (Date | null)[];
      readonly last_interval_ends: readonly (Date | null)[];
      readonly next_run_afters: readonly (Date | null)[];
    },
  ) =>
    p.dag_ids.flatMap((dagId, n) => {
      const dag = tables.dags.get(dagId);
      if (!dag) return [];
      tables.dags.update(dag, {
        last_interval_start: p.last_interval_starts[n] ?? dag.last_interval_start,
        last_interval_end: p.last_interval_ends[n] ?? dag.last_interval_end,
        next_run_after: p.next_run_afters[n] ?? null,
      });
      return [dag];
    }),

  DagMakeDue: (tables: Tables, p: { readonly dag_ids: readonly string[] }, now: Date) => {
    const due = tables.dags
      .some(p.dag_ids)
      .filter((dag) => dag.is_present && (dag.next_run_after === null || dag.next_run_after > now));
    for (const dag of due) tables.dags.update(dag, { next_run_after: now });
    return due;
  },

  ScheduleGapInsert: (
    tables: Tables,
    p: {
      readonly dag_id: string;
      readonly gap_start: Date;
      readonly gap_end: Date;
      readonly intervals: number;
    },
  ) => {
    if (tables.gaps.get(keyOf(p.dag_id, p.gap_start))) return [];
    tables.gaps.insert({ ...p });
    return [p];
  },

  DagRunInsert: insertRuns,

  DagRunIntervalInsert: (
    tables: Tables,
    p: {
      readonly dag_ids: readonly string[];
      readonly dag_run_ids: readonly string[];
      readonly starts: readonly Date[];
      readonly ends: readonly Date[];
    },
    now: Date,
  ) =>
    p.dag_run_ids.map((dag_run_id, n) => {
      const row = {
        dag_id: p.dag_ids[n] ?? "",
        dag_run_id,
        interval_start: p.starts[n] ?? now,
        interval_end: p.ends[n] ?? now,
      };
      tables.intervals.insert(row);
      return row;
    }),

  DagRunInstantRelease: (
    tables: Tables,
    p: { readonly dag_id: string; readonly instant: Date },
  ) => {
    const row = tables.intervals.get(keyOf(p.dag_id, p.instant));
    if (!row || row.interval_end.getTime() !== p.instant.getTime()) return [];
    tables.intervals.delete(row);
    return [row];
  },

  DagRunIntervalOverlaps: (
    tables: Tables,
    p: {
      readonly dag_ids: readonly string[];
      readonly span_starts: readonly Date[];
      readonly span_ends: readonly Date[];
    },
    now: Date,
  ) =>
    p.dag_ids.flatMap((dagId, n) =>
      overlapping(tables, dagId, p.span_starts[n] ?? now, p.span_ends[n] ?? now).map((row) => ({
        ...row,
        run_id: tables.runs.get(row.dag_run_id)?.run_id ?? "",
      })),
    ),
};
