import type { DagManifest } from "../definition/manifest.ts";
import { poolProblem } from "../definition/pool-problem.ts";
import { targetProblem } from "../definition/target-problem.ts";
import { type LimitKey, limitKey, parseLimitKey, statedLimits } from "../rules/limits.ts";
import { type AssetConsumerRow, assetConsumerReplace } from "../store/asset.ts";
import { dagIds } from "../store/client.ts";
import type { Queryable, Store } from "../store/database.ts";
import { dagForget, dagRegister, importErrorReplace } from "../store/dag.ts";
import { limitLock, type LimitName } from "../store/limit.ts";
import { poolSlots } from "../store/pool.ts";
import { watchedDagInsert } from "../store/wait.ts";

export interface RegisterDagsOptions {
  readonly dags: readonly {
    readonly file: string;
    readonly hash: string;
    readonly manifest: DagManifest;
  }[];
  readonly failures: readonly { readonly file: string; readonly message: string }[];
  readonly pausedAtCreation: boolean;
}

type LoadedDag = RegisterDagsOptions["dags"][number];

/**
 * Stores what was loaded: manifests, run limits, import errors. A DAG that no file declares any more stops being
 * scheduled; one whose file cannot be imported just now, or that names a pool it cannot have
 * or a DAG that is not there, keeps its last version.
 *
 * @returns the DAGs that were registered, and why others were not
 */
export async function registerDags(
  database: Store,
  options: RegisterDagsOptions,
): Promise<Pick<RegisterDagsOptions, "dags" | "failures">> {
  return database.transaction(async (tx) => {
    const { sound, refused } = judged(options, await poolSlots(tx), await knownDags(tx, options));
    const failures = [...options.failures, ...refused];
    const { pausedAtCreation } = options;
    await dagRegister(tx, { dags: sound.map(registered), pausedAtCreation });
    await dagForget(
      tx,
      options.dags.map((dag) => dag.manifest.dagId),
      failures.map((failure) => failure.file),
    );
    await importErrorReplace(tx, failures);
    await limitLock(tx, limitsOfDags(sound));
    await assetConsumerReplace(
      tx,
      sound.map(({ manifest }) => manifest.dagId),
      sound.flatMap(({ manifest }) => consumersOf(manifest)),
    );
    const watched = sound.flatMap(({ manifest }) => watchedBy(manifest));
    if (watched.length > 0) await watchedDagInsert(tx, [...new Set(watched)]);
    return { dags: sound, failures };
  });
}

function registered({ file, hash, manifest }: LoadedDag) {
  return { dag_id: manifest.dagId, file, hash, manifest };
}

/** All DAGs that another one may name. Of a file that cannot be imported just now it is not known which it declares. */
async function knownDags(
  tx: Queryable,
  { dags, failures }: RegisterDagsOptions,
): Promise<ReadonlySet<string>> {
  const loaded = dags.map(({ manifest }) => manifest.dagId);
  return new Set(failures.length > 0 ? [...loaded, ...(await dagIds(tx))] : loaded);
}

function consumersOf({ dagId, schedule }: DagManifest): readonly AssetConsumerRow[] {
  if (schedule.kind !== "assets") return [];
  const needs_all = schedule.when === "all";
  return schedule.assets.map((asset) => ({ asset, dag_id: dagId, needs_all }));
}

/** DAGs for the ends of whose runs tasks of a DAG wait. */
function watchedBy({ tasks }: DagManifest): readonly string[] {
  return tasks.flatMap(({ target, waits }) => (target !== undefined && waits ? [target] : []));
}

/** Tells the DAGs that can keep to their pools from the others, and of these why, a message for each file. */
function judged(
  { dags }: RegisterDagsOptions,
  pools: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
) {
  const sound: LoadedDag[] = [];
  const messages = new Map<string, string[]>();
  for (const dag of dags) {
    const { dagId, tasks } = dag.manifest;
    const problems = tasks.flatMap((task) => poolProblem(dagId, task, pools) ?? []);
    problems.push(...tasks.flatMap((task) => targetProblem(dagId, task, known) ?? []));
    const told = problems.map(({ code, message }) => `${code}: ${message}`);
    if (told.length === 0) sound.push(dag);
    else messages.set(dag.file, [...(messages.get(dag.file) ?? []), ...told]);
  }
  const refused = [...messages].map(([file, told]) => ({ file, message: told.join("\n") }));
  return { sound, refused };
}

/** Everything that the DAGs limit across runs, with its capacity; pools keep theirs themselves. */
function limitsOfDags(dags: readonly LoadedDag[]): readonly LimitName[] {
  const limits = new Map<LimitKey, number>();
  for (const { manifest } of dags) {
    limits.set(limitKey("dag_runs", manifest.dagId), manifest.maxActiveRuns);
    for (const task of manifest.tasks) {
      for (const [key, capacity] of statedLimits(manifest, task)) limits.set(key, capacity);
    }
  }
  return [...limits].map(([key, capacity]) => ({ ...parseLimitKey(key), capacity }));
}
