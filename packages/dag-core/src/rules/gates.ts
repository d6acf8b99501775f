import type { TaskManifest } from "../definition/manifest.ts";

/** Ids of the tasks that follow a task directly. */
export type Downstream = ReadonlyMap<string, readonly string[]>;

/** The tasks that run whatever becomes of the rest. */
export function teardownIds(tasks: readonly TaskManifest[]): ReadonlySet<string> {
  return new Set(tasks.filter(({ role }) => role === "teardown").map(({ taskId }) => taskId));
}

/** All tasks after one, near and far. */
export function tasksAfter(downstream: Downstream, taskId: string): Set<string> {
  const found = new Set(downstream.get(taskId));
  for (const next of found) for (const further of downstream.get(next) ?? []) found.add(further);
  return found;
}

/**
 * The cases of its branch under which each task with `when` runs: its own, and those that lead to it. As in Airflow, a
 * chosen task is followed by all that comes after it.
 */
export function caseLabels(
  tasks: readonly TaskManifest[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const labels = new Map<string, ReadonlySet<string>>();
  if (!tasks.some((task) => task.when)) return labels;
  const leadingTo = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  for (const { taskId, upstream, when } of tasks) {
    const ways = new Map<string, ReadonlySet<string>>();
    const own = when ? [[when.branch, new Set([when.label])] as const] : [];
    const led = upstream.flatMap((id) => [...(leadingTo.get(id) ?? [])]);
    for (const [branch, some] of [...own, ...led]) {
      ways.set(branch, new Set([...(ways.get(branch) ?? []), ...some]));
    }
    leadingTo.set(taskId, ways);
    if (when) labels.set(taskId, ways.get(when.branch) ?? new Set());
  }
  return labels;
}

/** The short circuits whose false skips each task; a teardown runs all the same. */
export function shortCircuitsOf(
  tasks: readonly TaskManifest[],
  downstream: Downstream,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const teardowns = teardownIds(tasks);
  for (const { taskId, kind, ignoreDownstreamTriggerRules } of tasks) {
    if (kind !== "short_circuit") continue;
    const skipped = ignoreDownstreamTriggerRules
      ? tasksAfter(downstream, taskId)
      : new Set(downstream.get(taskId));
    for (const id of skipped) {
      if (teardowns.has(id)) continue;
      found.set(id, [...(found.get(id) ?? []), taskId]);
    }
  }
  return found;
}
