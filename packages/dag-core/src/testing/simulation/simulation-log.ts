import type { DagRunState, RunType, TaskInstanceState } from "../../definition/states.ts";
import { limitsOf } from "../../rules/limits.ts";
import { byId, type RunRow, type Tables, type TryRow } from "./tables.ts";

interface Span {
  readonly start: Date;
  readonly end: Date;
}

export interface SimulatedRun {
  readonly dagId: string;
  readonly runId: string;
  readonly runType: RunType;
  /** `queued` and `running` for a run that has not ended when the simulation does. */
  readonly state: DagRunState;
  readonly reason: string | null;
  readonly logicalDate: Date | null;
  readonly dataInterval: Span;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

interface TaskName {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex: number;
}

export interface SimulatedTaskInstance extends TaskName {
  readonly state: TaskInstanceState;
  readonly reason: string | null;
  /** 0 for one that never ran. */
  readonly tryNumber: number;
}

export interface SimulatedTry extends TaskName {
  readonly tryNumber: number;
  readonly state: string;
  readonly reason: string | null;
  readonly readyAt: Date;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** A try that was ready and could not start at once. */
export interface SimulatedWait extends TaskName {
  readonly tryNumber: number;
  readonly waitedMs: number;
  /** What the task is counted by across runs, as `pool:name`; empty where only its run or the slots held it. */
  readonly limits: readonly string[];
}

export interface SimulatedAlert {
  readonly kind: string;
  readonly dagId: string;
  readonly runId: string;
  /** Undefined for an alert of a run. */
  readonly taskId: string | undefined;
  readonly tryNumber: number;
  readonly at: Date;
}

/** A span of intervals that `catchup` left out. */
export interface SimulatedGap extends Span {
  readonly dagId: string;
  readonly intervals: number;
}

/** What happened in a simulation. Runs in the order of their creation, all else in the order of its end. */
export interface SimulationLog {
  readonly runs: readonly SimulatedRun[];
  readonly taskInstances: readonly SimulatedTaskInstance[];
  readonly tries: readonly SimulatedTry[];
  readonly waits: readonly SimulatedWait[];
  readonly alerts: readonly SimulatedAlert[];
  readonly missed: readonly SimulatedGap[];
}

export function simulationLog(tables: Tables): SimulationLog {
  const tries = [...tables.tries.all()];
  return {
    runs: [...tables.runs.all()].map(simulatedRun),
    taskInstances: taskInstances(tables),
    tries: tries.map((row) => ({
      ...nameOf(tables, row),
      tryNumber: row.try_number,
      state: row.state,
      reason: row.reason,
      readyAt: row.ready_at,
      startedAt: row.started_at,
      endedAt: row.ended_at,
    })),
    waits: tries.flatMap((row) => waitOf(tables, row)),
    alerts: [...tables.alerts.all()].map((row) => ({
      kind: row.kind,
      dagId: row.dag_id,
      runId: runIdOf(tables, row),
      taskId: tables.instances.get(row.task_instance_id)?.task_id,
      tryNumber: row.try_number,
      at: row.created_at,
    })),
    missed: [...tables.gaps.all()].map(({ dag_id, gap_start, gap_end, intervals }) => {
      return { dagId: dag_id, start: gap_start, end: gap_end, intervals };
    }),
  };
}

function simulatedRun(run: RunRow): SimulatedRun {
  return {
    dagId: run.dag_id,
    runId: run.run_id,
    runType: run.run_type,
    state: run.state,
    reason: run.reason,
    logicalDate: run.logical_date,
    dataInterval: { start: run.data_interval_start, end: run.data_interval_end },
    queuedAt: run.queued_at,
    startedAt: run.started_at,
    endedAt: run.ended_at,
  };
}

function taskInstances(tables: Tables): readonly SimulatedTaskInstance[] {
  return [...tables.instances.all()]
    .sort((a, b) => byId(a.task_instance_id, b.task_instance_id))
    .map((row) => ({
      dagId: tables.runs.get(row.dag_run_id)?.dag_id ?? "",
      runId: runIdOf(tables, row),
      taskId: row.task_id,
      mapIndex: row.map_index,
      state: row.state,
      reason: row.reason,
      tryNumber: row.try_number,
    }));
}

const runIdOf = (tables: Tables, row: { readonly dag_run_id: string }): string =>
  tables.runs.get(row.dag_run_id)?.run_id ?? "";

function nameOf(tables: Tables, row: TryRow): TaskName {
  const { dag_id: dagId, task_id: taskId, map_index: mapIndex } = row;
  return { dagId, runId: runIdOf(tables, row), taskId, mapIndex };
}

function waitOf(tables: Tables, row: TryRow): readonly SimulatedWait[] {
  const waitedMs = row.claimed_at.getTime() - row.ready_at.getTime();
  const run = tables.runs.get(row.dag_run_id);
  if (waitedMs <= 0 || !run) return [];
  const manifest = tables.manifestOf(run);
  const task = manifest.tasks.find((one) => one.taskId === row.task_id);
  const limits = task ? limitsOf(manifest, task) : [];
  return [{ ...nameOf(tables, row), tryNumber: row.try_number, waitedMs, limits }];
}
