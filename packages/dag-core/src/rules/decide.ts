import type { TaskManifest } from "../definition/manifest.ts";
import type { StateReason } from "../definition/states.ts";
import { passedOver } from "./passed-over.ts";
import { pastHold } from "./past.ts";
import type { InstanceState, RunState } from "./run-state.ts";
import { evaluateTriggerRule, type TriggerVerdict } from "./trigger-rules.ts";

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
      for (const next of run.graph.affected.get(taskId) ?? []) queue.add(next);
    }
  }
}

/** @returns whether an instance reached a final state */
function decideTask(run: RunState, task: TaskManifest, now: Date): boolean {
  const waiting = run.instancesOf(task.taskId).filter((instance) => instance.state === "none");
  if (waiting.length === 0) return false;
  const before = run.unfinished;
  const skipped = passedOver(run, task);
  for (const instance of waiting) {
    if (skipped === undefined)
      apply(run, task, instance, verdictOf(run, task, instance).decision, now);
    else end(run, instance, "skipped", skipped, now);
  }
  if (task.kind === "each" && waiting.some((instance) => instance.state === "scheduled")) {
    run.expand(task.taskId, mappedLength(run, task));
  }
  return run.unfinished < before;
}

const atOnce: TriggerVerdict = { decision: "run", reason: "it waits for no other task" };

/** What the tasks before an instance say of it: the setups that it needs, then its trigger rule. */
export function verdictOf(
  run: RunState,
  task: TaskManifest,
  { mapIndex }: Pick<InstanceState, "mapIndex">,
): TriggerVerdict {
  const { taskId, upstream, triggerRule } = task;
  if (upstream.length === 0 || triggerRule === "always") return atOnce;
  const held = task.role === "teardown" ? undefined : indirectSetupVerdict(run, task);
  if (held !== undefined) return held;
  const setups = triggerRule === "all_done_setup_success" && run.setupCounts(upstream);
  const options = { mapIndex, ...(setups && { setups }) };
  return evaluateTriggerRule(triggerRule, run.upstreamCounts(taskId, mapIndex), options);
}

/** What the setups that a task needs, but does not follow directly, say of it before its own rule is asked. */
function indirectSetupVerdict(run: RunState, task: TaskManifest): TriggerVerdict | undefined {
  const setups = run.graph.setups.get(task.taskId)?.filter((id) => !task.upstream.includes(id));
  if (setups === undefined || setups.length === 0) return undefined;
  const { decision, reason } = evaluateTriggerRule("all_success", run.setupCounts(setups));
  return decision === "run" ? undefined : { decision, reason: `setups that it needs: ${reason}` };
}

function apply(
  run: RunState,
  task: TaskManifest,
  instance: InstanceState,
  decision: TriggerVerdict["decision"],
  now: Date,
): void {
  switch (decision) {
    case "wait":
      return;
    case "run":
      return start(run, task, instance, now);
    case "skip":
      return end(run, instance, "skipped", "rule", now);
    case "upstream_failed":
      return end(run, instance, "upstream_failed", "upstream", now);
    case "removed":
      return end(run, instance, "removed", null, now);
  }
}

function end(
  run: RunState,
  instance: InstanceState,
  state: "skipped" | "upstream_failed" | "removed",
  reason: StateReason | null,
  now: Date,
): void {
  run.move(instance, state, reason);
  instance.endedAt = now;
}

function start(run: RunState, task: TaskManifest, instance: InstanceState, now: Date): void {
  if (task.dependsOnPast && isHeldByPast(run, task)) return;
  if (task.kind !== "each") return schedule(run, instance, now);
  const length = mappedLength(run, task);
  const isExpanded = instance.mapIndex >= 0;
  if (isExpanded && instance.mapIndex >= length) return end(run, instance, "removed", null, now);
  if (length === 0) return end(run, instance, "skipped", "rule", now);
  run.touch(instance);
  if (!isExpanded) instance.mapIndex = 0;
  schedule(run, instance, now);
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
  if (source?.kind === "each") return run.count(source.taskId, "success");
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

/** Waits whose time is over. */
export function timedOutWaits(run: RunState, now: Date): readonly InstanceState[] {
  return [...run.inState("deferred")].filter(({ wakeAt }) => wakeAt !== null && wakeAt <= now);
}
