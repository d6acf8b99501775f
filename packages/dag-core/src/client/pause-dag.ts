import { dagPause } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import type { Transaction } from "../store/database.ts";
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
  options: ChangeOptions = {},
): Promise<boolean> {
  const hasChanged = await scope.database.transaction((tx) =>
    pauseIn(tx, scope, dagId, isPaused, options),
  );
  if (hasChanged) await notify(scope, "");
  return hasChanged;
}

/** The same inside a transaction of the caller, who wakes the schedulers after the commit. */
export async function pauseIn(
  tx: Transaction,
  { actor }: Scope,
  dagId: string,
  isPaused: boolean,
  { why }: ChangeOptions,
): Promise<boolean> {
  await lockDagOrThrow(tx, dagId);
  if (!(await dagPause(tx, dagId, isPaused))) return false;
  const name = isPaused ? "dag.paused" : "dag.unpaused";
  await eventInsert(tx, { name, actor, dagId, details: { why } });
  return true;
}
