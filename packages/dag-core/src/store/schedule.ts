import type { JsonValue } from "../kernel/json.ts";
import type { RunTime } from "../timetable/timetable.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "dag_run",
  "DagRunInsert",
  "DagRunInstantRelease",
  "DagRunIntervalInsert",
  "DagRunIntervalOverlaps",
);

export interface DagRunInsertOptions {
  readonly runType: "scheduled" | "manual" | "asset_triggered";
  readonly triggeredBy: string;
  readonly params: JsonValue;
  /** When somebody asked for it; absent: now. Events sent since then count for its tasks. */
  readonly askedAt?: Date | undefined;
  /** Of runs that somebody asked for: an event tells of each. */
  readonly about?: RunAbout;
  readonly runs: readonly NewRun[];
}

/** What the event of a run says besides its id. */
export interface RunAbout {
  readonly interval: string | undefined;
  readonly why?: string | undefined;
}

export interface NewRun extends RunTime {
  readonly dagId: string;
  readonly dagVersionId: string;
  readonly runId: string;
  readonly logicalDate: Date | null;
}

export interface InsertedRunRow {
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly data_interval_start: Date;
  readonly data_interval_end: Date;
  readonly is_paused: boolean;
}

/** Creates queued runs. @returns those that are new: a run id that exists is left alone, and a DAG of another version */
export function dagRunInsert(
  tx: Queryable,
  { runs, ...options }: DagRunInsertOptions,
): Promise<InsertedRunRow[]> {
  return tx.many(q.DagRunInsert, {
    run_type: options.runType,
    triggered_by: options.triggeredBy,
    params: JSON.stringify(options.params),
    asked_at: options.askedAt ?? null,
    about: options.about ? JSON.stringify(options.about) : null,
    dag_ids: runs.map((run) => run.dagId),
    dag_version_ids: runs.map((run) => run.dagVersionId),
    run_ids: runs.map((run) => run.runId),
    logical_dates: runs.map((run) => run.logicalDate),
    starts: runs.map((run) => run.interval.start),
    ends: runs.map((run) => run.interval.end),
    run_afters: runs.map((run) => run.runAfter),
  });
}

/** Covers the intervals of runs; under the locks of the dag rows, after a look at what overlaps. */
export async function dagRunIntervalInsert(
  tx: Queryable,
  rows: readonly Omit<InsertedRunRow, "run_id" | "is_paused">[],
): Promise<void> {
  await tx.exec(q.DagRunIntervalInsert, {
    dag_ids: rows.map((row) => row.dag_id),
    dag_run_ids: rows.map((row) => row.dag_run_id),
    starts: rows.map((row) => row.data_interval_start),
    ends: rows.map((row) => row.data_interval_end),
  });
}

/** Lets an interval begin at an instant that a run is about; under the lock of the dag row. */
export async function dagRunInstantRelease(
  tx: Queryable,
  dagId: string,
  instant: Date,
): Promise<void> {
  await tx.exec(q.DagRunInstantRelease, { dag_id: dagId, instant });
}

/** A span of the time of a DAG. */
export interface DagSpan {
  readonly dagId: string;
  readonly start: Date;
  readonly end: Date;
}

export interface CoveredRow {
  readonly dag_id: string;
  readonly interval_start: Date;
  readonly interval_end: Date;
  readonly dag_run_id: string;
  readonly run_id: string;
}

/** What is covered of spans, in order of the DAGs and of time. */
export function dagRunIntervalOverlaps(
  tx: Queryable,
  spans: readonly DagSpan[],
): Promise<CoveredRow[]> {
  return tx.many(q.DagRunIntervalOverlaps, {
    dag_ids: spans.map((span) => span.dagId),
    span_starts: spans.map((span) => span.start),
    span_ends: spans.map((span) => span.end),
  });
}
