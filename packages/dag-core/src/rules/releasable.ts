import type { DagGraph } from "./dag-graph.ts";
import type { InstanceState, RunState } from "./run-state.ts";

/**
 * Instances of a run that may be handed out now: ready, and within the limits inside the run.
 * What is over them stays `scheduled` and is looked at again when one of the run ends.
 */
export function releasable(run: RunState): readonly InstanceState[] {
  const { manifest, tasks } = run.graph;
  const held = [...run.inState("scheduled")].filter((i) => !i.isReady);
  if (held.length === 0) return [];
  let open = (manifest.maxActiveTasks ?? Infinity) - outstanding(run);
  const openOf = new Map<string, number>();
  return held.toSorted(byPriority(run.graph)).filter((instance) => {
    const taskOpen =
      openOf.get(instance.taskId) ??
      (tasks.get(instance.taskId)?.maxActive ?? Infinity) - outstandingOf(run, instance.taskId);
    if (open <= 0 || taskOpen <= 0) return false;
    open -= 1;
    openOf.set(instance.taskId, taskOpen - 1);
    return true;
  });
}

/** Instances of a run that a claim would take first: of those in `task_ready`, what nothing across runs limits. */
export function claimableFirst(run: RunState): readonly InstanceState[] {
  return readyOnes(run)
    .filter(({ taskId }) => isUnlimited(run.graph, taskId))
    .toSorted(byPriority(run.graph));
}

/** Instances of a run that may be handed out as soon as limits across runs let them, whether they stand in `task_ready` or not yet. */
export function wantLimits(run: RunState): readonly InstanceState[] {
  return [...readyOnes(run), ...releasable(run)].filter(
    ({ taskId }) => !isUnlimited(run.graph, taskId),
  );
}

/** Tasks of which instances stand in `task_ready` and wait for limits across runs. */
export function tasksInLine(run: RunState): ReadonlySet<string> {
  const taskIds = new Set(readyOnes(run).map(({ taskId }) => taskId));
  return new Set([...taskIds].filter((taskId) => !isUnlimited(run.graph, taskId)));
}

/** Whether nothing across runs limits a task, so that it may start without a look at them. */
export function isUnlimited({ limits }: DagGraph, taskId: string): boolean {
  return limits.get(taskId)?.length === 0;
}

function byPriority({ tasks }: DagGraph): (a: InstanceState, b: InstanceState) => number {
  const weight = ({ taskId }: InstanceState) => tasks.get(taskId)?.priorityWeight ?? 0;
  return (a, b) => weight(b) - weight(a);
}

/** In the order in which they came there. */
function readyOnes(run: RunState): readonly InstanceState[] {
  return [...run.inState("scheduled")].filter((i) => i.isReady);
}

const isOutstanding = (i: InstanceState): boolean =>
  i.isReady || i.state === "running" || i.state === "queued";

function outstanding(run: RunState): number {
  if (run.graph.manifest.maxActiveTasks === undefined) return 0;
  const tasks = run.graph.manifest.tasks.map((task) => task.taskId);
  const live = tasks.reduce((n, id) => n + run.count(id, "running") + run.count(id, "queued"), 0);
  return live + readyOnes(run).length;
}

function outstandingOf(run: RunState, taskId: string): number {
  if (run.graph.tasks.get(taskId)?.maxActive === undefined) return 0;
  return run.instancesOf(taskId).filter(isOutstanding).length;
}
