import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { caseLabels, type Downstream, shortCircuitsOf } from "./gates.ts";
import { type LimitKey, limitsOf } from "./limits.ts";
import { relevantSetups } from "./setups.ts";

/** A manifest with its edges walkable in both directions. */
export interface DagGraph {
  readonly manifest: DagManifest;
  readonly manifestHash: string;
  readonly tasks: ReadonlyMap<string, TaskManifest>;
  readonly downstream: Downstream;
  /** Tasks to look at when one has ended: those that follow it, and those that need what it sets up. */
  readonly affected: Downstream;
  /** Tasks that judge the run: nothing follows them but teardowns that it does not depend on. */
  readonly leaves: readonly string[];
  /** Tasks that wait for the previous run. */
  readonly pastTasks: readonly string[];
  /** Whether all of its first tasks do, so that the past alone can keep a run from starting. */
  readonly startsByPast: boolean;
  /** Of each task with `when`: the cases of its branch under which it runs. */
  readonly caseLabels: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of each task: the short circuits whose false skips it. */
  readonly shortCircuits: ReadonlyMap<string, readonly string[]>;
  /** Of each task: the setups that it needs, whether it follows them directly or not. */
  readonly setups: ReadonlyMap<string, readonly string[]>;
  /** Of each task: everything that it counts against across runs. */
  readonly limits: ReadonlyMap<string, readonly LimitKey[]>;
  /** Whether one of its first tasks counts against nothing across runs: a new run takes a slot at once. */
  readonly startsUnlimited: boolean;
}

/** The graph of a manifest; tasks of a manifest are in topological order. */
export function dagGraph(manifest: DagManifest, manifestHash: string): DagGraph {
  const downstream = new Map<string, string[]>(manifest.tasks.map((task) => [task.taskId, []]));
  for (const task of manifest.tasks) {
    for (const upstream of task.upstream) downstream.get(upstream)?.push(task.taskId);
  }
  const tasks = new Map(manifest.tasks.map((task) => [task.taskId, task]));
  const setups = relevantSetups(manifest.tasks, downstream);
  const limits = new Map(manifest.tasks.map((task) => [task.taskId, limitsOf(manifest, task)]));
  return {
    manifest,
    manifestHash,
    tasks,
    downstream,
    affected: affectedBy(downstream, setups),
    leaves: leavesOf(tasks, downstream),
    pastTasks: manifest.tasks.filter((task) => task.dependsOnPast).map((task) => task.taskId),
    startsByPast: manifest.tasks
      .filter((task) => task.upstream.length === 0)
      .every((task) => task.dependsOnPast),
    caseLabels: caseLabels(manifest.tasks),
    shortCircuits: shortCircuitsOf(manifest.tasks, downstream),
    setups,
    limits,
    startsUnlimited: manifest.tasks.some(
      ({ taskId, upstream }) => upstream.length === 0 && limits.get(taskId)?.length === 0,
    ),
  };
}

function affectedBy(
  downstream: Downstream,
  setups: ReadonlyMap<string, readonly string[]>,
): Downstream {
  if (setups.size === 0) return downstream;
  const affected = new Map([...downstream].map(([taskId, next]) => [taskId, new Set(next)]));
  for (const [taskId, needed] of setups) {
    for (const setup of needed) affected.get(setup)?.add(taskId);
  }
  return new Map([...affected].map(([taskId, next]) => [taskId, [...next]]));
}

/** Whether a run ends as it does whatever becomes of this task. */
export function isIgnorable({ role, onFailureFailsRun = false }: TaskManifest): boolean {
  return role === "teardown" && !onFailureFailsRun;
}

function leavesOf(tasks: ReadonlyMap<string, TaskManifest>, downstream: Downstream): string[] {
  const counts = (taskId: string) => {
    const task = tasks.get(taskId);
    return task !== undefined && !isIgnorable(task);
  };
  const ids = [...tasks.keys()];
  const leaves = ids.filter((id) => counts(id) && !downstream.get(id)?.some(counts));
  return leaves.length > 0 ? leaves : ids.filter((id) => downstream.get(id)?.length === 0);
}
