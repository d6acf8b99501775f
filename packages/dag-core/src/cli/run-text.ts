import type { RunDetails, RunItem, TaskItem } from "../client/read-model.ts";
import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { formatMs } from "../kernel/duration.ts";
import { instanceName } from "../kernel/instance-name.ts";
import { type Cell, facts, table } from "./table.ts";

/** The time between two moments, up to now if the second has not come. */
export function elapsed(from: Date | null, to: Date | null): string {
  return from === null ? "" : formatMs((to ?? new Date()).getTime() - from.getTime());
}

/** A run and its tasks, for people. */
export async function runText(run: RunDetails): Promise<string> {
  const about = facts({
    run: run.runId,
    dag: run.dagId,
    state: run.reason === null ? run.state : `${run.state} (${run.reason})`,
    type: run.runType,
    "data interval": `${run.dataIntervalStart.toISOString()} to ${run.dataIntervalEnd.toISOString()}`,
    "triggered by": run.triggeredBy,
    backfill: run.backfillId,
    params: JSON.stringify(run.params),
    started: run.startedAt,
    ended: run.endedAt,
    took: elapsed(run.startedAt, run.endedAt),
  });
  return run.tasks.length === 0 ? about : `${about}\n\n${await tasksTable(run.tasks)}`;
}

function tasksTable(tasks: readonly TaskItem[]): Promise<string> {
  const rows = tasks.map((task): readonly Cell[] => [
    instanceName(task),
    task.state,
    task.reason,
    triesOf(task),
    task.startedAt,
    elapsed(task.startedAt, task.endedAt),
    task.wakeAt,
  ]);
  return table(["task", "state", "reason", "tries", "started", "took", "wakes"], rows);
}

/** A first try that was due and ended before it began is none. */
function triesOf({ tryNumber, startedAt, endedAt }: TaskItem): number {
  return tryNumber === 1 && startedAt === null && endedAt !== null ? 0 : tryNumber;
}

/** The tasks that a DAG declares, for people. */
export function declaredTasksTable({ tasks }: DagManifest): Promise<string> {
  const rows = tasks.map((task): readonly Cell[] => [
    task.taskId,
    task.role ?? task.kind,
    task.upstream.join(", "),
    task.triggerRule,
    task.retries,
    task.pool,
    waitsText(task),
  ]);
  return table(["task", "kind", "after", "rule", "retries", "pool", "waits"], rows);
}

/** What a task waits for besides the tasks before it, and for how long. */
function waitsText(task: TaskManifest): string {
  const timeoutMs = task.waits?.timeoutMs ?? task.pokeTimeoutMs;
  return [
    ...(task.dependsOnPast ? ["for its past"] : []),
    ...(task.waitForDownstream ? ["for what follows it there"] : []),
    ...(task.target === undefined ? [] : [`for DAG ${task.target}`]),
    ...(timeoutMs === undefined ? [] : [`at most ${formatMs(timeoutMs)}`]),
  ].join(", ");
}

export function runsTable(runs: readonly RunItem[]): Promise<string> {
  const rows = runs.map((run): readonly Cell[] => [
    run.dagId,
    run.runId,
    run.state,
    run.reason,
    run.runType,
    run.logicalDate,
    run.startedAt,
    elapsed(run.startedAt, run.endedAt),
  ]);
  const columns = ["dag", "run", "state", "reason", "type", "logical date", "started", "took"];
  return table(columns, rows);
}
