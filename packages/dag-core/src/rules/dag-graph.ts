import type { DagManifest, TaskManifest } from "../definition/manifest.ts";

/** A manifest with its edges walkable in both directions. */
export interface DagGraph {
  readonly manifest: DagManifest;
  readonly manifestHash: string;
  readonly tasks: ReadonlyMap<string, TaskManifest>;
  readonly downstream: ReadonlyMap<string, readonly string[]>;
  /** Tasks that nothing follows; they judge the run. */
  readonly leaves: readonly string[];
  /** Tasks that wait for the previous run. */
  readonly pastTasks: readonly string[];
  /** Whether all of its first tasks do, so that the past alone can keep a run from starting. */
  readonly startsByPast: boolean;
}

/** The graph of a manifest; tasks of a manifest are in topological order. */
export function dagGraph(manifest: DagManifest, manifestHash: string): DagGraph {
  const downstream = new Map<string, string[]>(manifest.tasks.map((task) => [task.taskId, []]));
  for (const task of manifest.tasks) {
    for (const upstream of task.upstream) downstream.get(upstream)?.push(task.taskId);
  }
  const isLeaf = (taskId: string) => downstream.get(taskId)?.length === 0;
  return {
    manifest,
    manifestHash,
    tasks: new Map(manifest.tasks.map((task) => [task.taskId, task])),
    downstream,
    leaves: manifest.tasks.map((task) => task.taskId).filter(isLeaf),
    pastTasks: manifest.tasks.filter((task) => task.dependsOnPast).map((task) => task.taskId),
    startsByPast: manifest.tasks
      .filter((task) => task.upstream.length === 0)
      .every((task) => task.dependsOnPast),
  };
}
