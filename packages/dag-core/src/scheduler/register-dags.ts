import type { DagManifest } from "../definition/manifest.ts";
import type { Database } from "../store/database.ts";
import { dagForget, dagRegister, importErrorReplace } from "../store/dag.ts";
import { limitLock } from "../store/limit.ts";

export interface RegisterDagsOptions {
  readonly dags: readonly {
    readonly file: string;
    readonly hash: string;
    readonly manifest: DagManifest;
  }[];
  readonly failures: readonly { readonly file: string; readonly message: string }[];
  readonly pausedAtCreation: boolean;
}

/**
 * Stores what was loaded: manifests, run limits, import errors. A DAG that no file declares any more stops being
 * scheduled; one whose file cannot be imported just now keeps its last version.
 */
export async function registerDags(
  database: Database,
  options: RegisterDagsOptions,
): Promise<void> {
  const dags = options.dags.map(({ file, hash, manifest }) => ({
    dag_id: manifest.dagId,
    file,
    hash,
    manifest,
  }));
  await database.transaction(async (tx) => {
    await dagRegister(tx, { dags, pausedAtCreation: options.pausedAtCreation });
    await dagForget(
      tx,
      dags.map((dag) => dag.dag_id),
      options.failures.map((failure) => failure.file),
    );
    await importErrorReplace(tx, options.failures);
    await limitLock(
      tx,
      dags.map((dag) => ({
        kind: "dag_runs",
        name: dag.dag_id,
        capacity: dag.manifest.maxActiveRuns,
      })),
    );
  });
}
