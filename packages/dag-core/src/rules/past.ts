import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import {
  type DagRunState,
  finishedRunStates,
  finishedStates,
  type TaskInstanceState,
} from "../definition/states.ts";
import type { DagGraph } from "./dag-graph.ts";
import type { RunState } from "./run-state.ts";

/** The run before another one of its DAG, by logical date, as far as it is asked about. */
export interface PreviousRun {
  readonly dagRunId: string;
  readonly runId: string;
  readonly logicalDate: Date;
  readonly state: DagRunState;
  /** Both are runs of one backfill, whose order holds whatever their dates are. */
  readonly isOfSameBackfill: boolean;
  /** Its `changed` when the states were read. */
  readonly changed: number;
  readonly graph: DagGraph;
  /** States of its task instances by task; a task that has none yet is absent. */
  readonly states: ReadonlyMap<string, readonly TaskInstanceState[]>;
}

/** What a run looks back on. */
export interface Past {
  /** The first run of a backfill waits for nothing. */
  readonly isFirstOfBackfill: boolean;
  readonly previous: PreviousRun | undefined;
  /** Tasks that the previous run does not know but one before it had. */
  readonly hadBefore: ReadonlySet<string>;
}

/** Why a task waits for its past. */
export interface PastHold {
  readonly reason: string;
  /** Tasks of the previous run for which it waits, with the state of each. */
  readonly heldBy: readonly string[];
  readonly taskIds: readonly string[];
  readonly previous: PreviousRun;
  /** Nothing that runs there can end the wait: somebody has to clear or mark. */
  readonly isStuck: boolean;
}

const goodStates: ReadonlySet<TaskInstanceState> = new Set(["success", "skipped"]);

/** Whether a task instance in this state lets the one of the next run go on. */
export const isPassed = (state: TaskInstanceState): boolean => goodStates.has(state);

/**
 * Whether a task waits for its past: for itself in the previous run and, if it says so, for what follows it there.
 *
 * @returns undefined if nothing of the past holds it
 */
export function pastHold(
  { catchup, startDate }: DagManifest,
  task: TaskManifest,
  { isFirstOfBackfill, previous, hadBefore }: Past,
): PastHold | undefined {
  if (!task.dependsOnPast || isFirstOfBackfill || !previous) return undefined;
  const isBeforeStart = catchup === "all" && previous.logicalDate < new Date(startDate);
  if (isBeforeStart && !previous.isOfSameBackfill) return undefined;
  if (!previous.graph.tasks.has(task.taskId)) return newTaskHold(task, previous, hadBefore);
  const following = task.waitForDownstream ? previous.graph.downstream.get(task.taskId) : [];
  const wanted = [task.taskId, ...(following ?? [])];
  const open = wanted.filter((taskId) => !isGood(previous.states.get(taskId)));
  if (open.length === 0) return undefined;
  return {
    reason: `it waits for its past, run "${previous.runId}"`,
    heldBy: open.map((taskId) => `${taskId} is ${stateOf(previous.states.get(taskId))}`),
    taskIds: open,
    previous,
    isStuck: finishedRunStates.has(previous.state) || open.some((id) => hasEnded(previous, id)),
  };
}

/** A task that is new has no past; one that was away in the previous run has one that cannot be judged. */
function newTaskHold(
  { taskId }: TaskManifest,
  previous: PreviousRun,
  hadBefore: ReadonlySet<string>,
): PastHold | undefined {
  if (!hadBefore.has(taskId)) return undefined;
  const reason = `it waits for its past: run "${previous.runId}" does not have the task, but an earlier run had it`;
  return { reason, heldBy: [], taskIds: [taskId], previous, isStuck: true };
}

const hasEnded = ({ states }: PreviousRun, taskId: string): boolean =>
  (states.get(taskId) ?? []).some((state) => finishedStates.has(state) && !goodStates.has(state));

const isGood = (states: readonly TaskInstanceState[] = []): boolean =>
  states.length > 0 && states.every(isPassed);

const stateOf = (states: readonly TaskInstanceState[] = []): string =>
  states.find((state) => !isPassed(state)) ?? "not there yet";

/** Whether nothing of a run can go on before its past does: it needs no place among the active runs. */
export function waitsForPastOnly(run: RunState): boolean {
  if (run.pastHolds.size === 0 || run.unfinished === 0) return false;
  let untouched = 0;
  for (const taskId of run.graph.tasks.keys()) untouched += run.count(taskId, "none");
  return untouched === run.unfinished;
}
