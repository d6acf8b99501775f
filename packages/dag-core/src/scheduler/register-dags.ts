import type { DagManifest } from "../definition/manifest.ts";
import { type LimitKey, limitKey, parseLimitKey, statedLimits } from "../rules/limits.ts";
import type { Database } from "../store/database.ts";
import { dagForget, dagRegister, importErrorReplace } from "../store/dag.ts";
import { limitLock, type LimitName } from "../store/limit.ts";

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
    await limitLock(tx, limitsOfDags(options));
  });
}

/** Everything that the DAGs limit across runs, with its capacity; pools keep theirs themselves. */
function limitsOfDags({ dags }: RegisterDagsOptions): readonly LimitName[] {
  const limits = new Map<LimitKey, number>();
  for (const { manifest } of dags) {
    limits.set(limitKey("dag_runs", manifest.dagId), manifest.maxActiveRuns);
    for (const task of manifest.tasks) {
      for (const [key, capacity] of statedLimits(manifest, task)) limits.set(key, capacity);
    }
  }
  return [...limits].map(([key, capacity]) => ({ ...parseLimitKey(key), capacity }));
}
