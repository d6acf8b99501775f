import type { DagManifest, TaskManifest } from "../definition/manifest.ts";

/** A manifest with its edges walkable in both directions. */
export interface DagGraph {
  readonly manifest: DagManifest;
  readonly manifestHash: string;
  readonly tasks: ReadonlyMap<string, TaskManifest>;
  readonly downstream: ReadonlyMap<string, readonly string[]>;
  /** Tasks that nothing follows; they judge the run. */
  readonly leaves: readonly string[];
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
  };
}
