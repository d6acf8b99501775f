import type { DagManifest } from "../definition/manifest.ts";

interface LoadedManifests {
  readonly dags: readonly { readonly manifest: DagManifest }[];
}

/** DAGs that this process was told by its runners not to have, until its next load: it leaves their tasks to others. */
export class UnloadedDags {
  #loaded: ReadonlySet<string> = new Set();
  readonly #unloaded = new Set<string>();

  get ids(): readonly string[] {
    return [...this.#unloaded];
  }

  has(dagId: string): boolean {
    return this.#unloaded.has(dagId);
  }

  /** A runner did not have a DAG: one that was loaded since is another matter. */
  missed(dagId: string): void {
    if (!this.#loaded.has(dagId)) this.#unloaded.add(dagId);
  }

  /** DAG code was loaded anew: what is missing now is learnt anew. */
  loaded({ dags }: LoadedManifests): void {
    this.#loaded = new Set(dags.map(({ manifest }) => manifest.dagId));
    this.#unloaded.clear();
  }
}
