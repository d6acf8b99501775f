import type { TaskManifest } from "../definition/manifest.ts";
import { type Downstream, tasksAfter, teardownIds } from "./gates.ts";

/**
 * The setups that each task needs: those before it that have no teardown, or one that comes after the task too. A
 * task after a teardown has no use for what that took away.
 */
export function relevantSetups(
  tasks: readonly TaskManifest[],
  downstream: Downstream,
): ReadonlyMap<string, readonly string[]> {
  const teardowns = teardownIds(tasks);
  const needs = new Map<string, string[]>();
  for (const setup of tasks.filter((task) => task.role === "setup")) {
    const own = teardownsOf(downstream, setup.taskId, teardowns);
    const after = tasksAfter(downstream, setup.taskId);
    for (const taskId of own.length > 0 ? tasksBefore(tasks, own) : after) {
      if (after.has(taskId)) needs.set(taskId, [...(needs.get(taskId) ?? []), setup.taskId]);
    }
  }
  return needs;
}

/** The teardowns that follow a setup directly. */
export function teardownsOf(
  downstream: Downstream,
  setupId: string,
  teardowns: ReadonlySet<string>,
): readonly string[] {
  return (downstream.get(setupId) ?? []).filter((taskId) => teardowns.has(taskId));
}

/** All tasks before some, near and far; the tasks are in topological order. */
function tasksBefore(tasks: readonly TaskManifest[], taskIds: readonly string[]): Set<string> {
  const wanted = new Set(taskIds);
  const found = new Set<string>();
  for (const { taskId, upstream } of tasks.toReversed()) {
    if (!wanted.has(taskId)) continue;
    for (const id of upstream) {
      wanted.add(id);
      found.add(id);
    }
  }
  return found;
}
