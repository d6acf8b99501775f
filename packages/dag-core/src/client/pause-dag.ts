import { dagPause } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import { type ChangeOptions, lockDagOrThrow, notify, type Scope } from "./scope.ts";

/**
 * Pauses a DAG (no run is created or started, no task is started, what runs goes on) or lets it go on.
 *
 * @returns false if it was like that already
 */
export async function setDagPaused(
  scope: Scope,
  dagId: string,
  isPaused: boolean,
  { why }: ChangeOptions = {},
): Promise<boolean> {
  const { database, actor } = scope;
  const hasChanged = await database.transaction(async (tx) => {
    await lockDagOrThrow(tx, dagId);
    if (!(await dagPause(tx, dagId, isPaused))) return false;
    const name = isPaused ? "dag.paused" : "dag.unpaused";
    await eventInsert(tx, { name, actor, dagId, details: { why } });
    return true;
  });
  if (hasChanged) await notify(scope, "");
  return hasChanged;
}
