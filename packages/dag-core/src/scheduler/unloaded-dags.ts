import type { DagManifest } from "../definition/manifest.ts";

interface LoadedManifests {
  readonly dags: readonly { readonly manifest: DagManifest }[];
}

/** DAGs whose code this process was told by its runners not to have, until its next load: it leaves their tasks to others. */
export class UnloadedDags {
  #loaded: ReadonlyMap<string, DagManifest> = new Map();
  readonly #unloaded = new Set<string>();

  get ids(): readonly string[] {
    return [...this.#unloaded];
  }

  has(dagId: string): boolean {
    return this.#unloaded.has(dagId);
  }

  /** A runner did not have the code of a task: what was loaded since is another matter. */
  missed(dagId: string, taskId: string): void {
    const isLoaded = this.#loaded.get(dagId)?.tasks.some((task) => task.taskId === taskId);
    if (!isLoaded) this.#unloaded.add(dagId);
  }

  /** DAG code was loaded anew: what is missing now is learnt anew. */
  loaded({ dags }: LoadedManifests): void {
    this.#loaded = new Map(dags.map(({ manifest }) => [manifest.dagId, manifest]));
    this.#unloaded.clear();
  }
}
