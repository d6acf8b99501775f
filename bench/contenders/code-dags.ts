import type { Dag } from "@tidemill/dag-core";
import { manifestHash } from "../../packages/dag-core/src/definition/manifest-hash.ts";
import { registerDags } from "../../packages/dag-core/src/scheduler/register-dags.ts";
import type { Database } from "../../packages/dag-core/src/store/database.ts";

/** Stores DAGs as a scheduler does that has loaded them; others are gone then. */
export async function storeDags(database: Database, dags: readonly Dag[]): Promise<void> {
  const { failures } = await registerDags(database, {
    dags: dags.map(({ manifest }) => {
      return { file: `${manifest.dagId}.ts`, hash: manifestHash(manifest), manifest };
    }),
    failures: [],
    pausedAtCreation: false,
  });
  if (failures.length > 0) throw new Error(failures.map(({ message }) => message).join("\n"));
}
