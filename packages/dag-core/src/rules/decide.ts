import type { TaskManifest } from "../definition/manifest.ts";
import { pastHold } from "./past.ts";
import type { InstanceState, RunState } from "./run-state.ts";
import { evaluateTriggerRule } from "./trigger-rules.ts";

/**
 * Decides what follows, starting from the tasks given: what becomes ready, skipped, upstream-failed.
 * Only tasks that are downstream of a change are looked at.
 */
export function decide(run: RunState, taskIds: Iterable<string>, now: Date): void {
  const queue = new Set(taskIds);
  for (const taskId of queue) {
    queue.delete(taskId);
    const task = run.graph.tasks.get(taskId);
    if (task && decideTask(run, task, now)) {
      for (const next of run.graph.downstream.get(taskId) ?? []) queue.add(next);
    }
  }
}

/** @returns whether an instance reached a final state */
function decideTask(run: RunState, task: TaskManifest, now: Date): boolean {
  const waiting = run.instancesOf(task.taskId).filter((instance) => instance.state === "none");
  if (waiting.length === 0) return false;
  const before = run.unfinished;
  const verdict = verdictOf(run, task);
  for (const instance of waiting) applyVerdict(run, task, instance, verdict, now);
  return run.unfinished < before;
}

interface Verdict {
  readonly decision: "run" | "wait" | "skip" | "upstream_failed" | "removed";
  readonly reason: string;
}

function verdictOf(run: RunState, task: TaskManifest): Verdict {
  const branch = task.when && run.instancesOf(task.when.branch)[0];
  if (branch?.state === "success" && branch.choice !== task.when?.label) {
    return { decision: "skip", reason: "branch" };
  }
  if (task.upstream.length === 0) return { decision: "run", reason: "rule" };
  return evaluateTriggerRule(task.triggerRule, run.upstreamCounts(task.taskId));
}

function applyVerdict(
  run: RunState,
  task: TaskManifest,
  instance: InstanceState,
  verdict: Verdict,
  now: Date,
): void {
  switch (verdict.decision) {
    case "wait":
      return;
    case "run":
      return start(run, task, instance, now);
    case "skip":
      run.move(instance, "skipped", verdict.reason === "branch" ? "branch" : "rule");
      break;
    case "upstream_failed":
      run.move(instance, "upstream_failed", "upstream");
      break;
    case "removed":
      run.move(instance, "removed");
      break;
  }
  instance.endedAt = now;
}

function start(run: RunState, task: TaskManifest, instance: InstanceState, now: Date): void {
  if (task.dependsOnPast && isHeldByPast(run, task)) return;
  if (task.kind !== "each" || instance.mapIndex >= 0) return schedule(run, instance, now);
  const length = mappedLength(run, task);
  if (length === 0) {
    run.move(instance, "skipped", "rule");
    instance.endedAt = now;
    return;
  }
  run.touch(instance);
  instance.mapIndex = 0;
  schedule(run, instance, now);
  if (length > 1) run.expansions.push({ taskId: task.taskId, length });
}

/** Until somebody has read the past, nothing passes. */
function isHeldByPast(run: RunState, task: TaskManifest): boolean {
  if (!run.past) {
    run.pastWanted.add(task.taskId);
    return true;
  }
  const hold = pastHold(run.graph.manifest, task, run.past);
  if (hold) run.pastHolds.set(task.taskId, hold);
  else run.pastHolds.delete(task.taskId);
  return hold !== undefined;
}

/** Length of the list that a mapped task runs over; 0 when its upstream was skipped and yields none. */
function mappedLength(run: RunState, task: TaskManifest): number {
  if (!task.over) return 0;
  if ("length" in task.over) return task.over.length;
  const source = run.graph.tasks.get(task.over.task);
  const instances = run.instancesOf(task.over.task);
  if (source?.kind === "each") return instances.filter((i) => i.state === "success").length;
  return instances[0]?.listLength ?? 0;
}

/** Makes an instance ready: a new try, unless it only asks again. */
export function schedule(run: RunState, instance: InstanceState, now: Date): void {
  const isNewTry = instance.state === "none" || instance.state === "up_for_retry";
  run.move(instance, "scheduled");
  if (isNewTry) instance.tryNumber += 1;
  if (isNewTry) instance.firstPokeAt = null;
  instance.readyAt = now;
  instance.wakeAt = null;
}

/** Makes ready what waited until now. */
export function wakeDue(run: RunState, now: Date): number {
  const waiting = [...run.inState("up_for_retry"), ...run.inState("up_for_reschedule")];
  const due = waiting.filter(({ wakeAt }) => wakeAt !== null && wakeAt <= now);
  for (const instance of due) schedule(run, instance, now);
  return due.length;
}
