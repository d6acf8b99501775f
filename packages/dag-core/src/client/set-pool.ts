import { unlimitedPool } from "../definition/pool-problem.ts";
import { tidemillError } from "../kernel/errors.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import { eventInsert } from "../store/dag.ts";
import { limitLock } from "../store/limit.ts";
import { type PoolRow, poolSet, poolWants } from "../store/pool.ts";
import { type ChangeOptions, notify, type Scope } from "./scope.ts";

export interface SetPoolOptions extends ChangeOptions {
  /** Kept as it is when absent. */
  readonly description?: string | undefined;
}

/**
 * Creates a pool or changes its slots.
 *
 * @param slots -1 for no cap, 0 to let nothing start.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a number that is none and for the pool without a cap,
 *   `TIDEMILL_POOL_TOO_SMALL` when a task asks for more slots than that.
 */
export async function setPool(
  scope: Scope,
  pool: string,
  slots: number,
  options: SetPoolOptions = {},
): Promise<PoolRow> {
  checkPoolOrThrow(pool, slots);
  const row = await scope.database.transaction(async (tx) => {
    // Whoever counts the slots holds this lock, so nobody counts by the old number after the commit.
    await limitLock(tx, [{ kind: "pool", name: pool }]);
    const want = slots > 0 ? await poolWants(tx, pool, slots) : undefined;
    if (want) {
      const { dag_id: dagId, task_id: taskId, pool_slots: poolSlots } = want;
      throw tidemillError("TIDEMILL_POOL_TOO_SMALL", { dagId, taskId, poolSlots, pool, slots });
    }
    const details = { pool, slots, why: options.why };
    await eventInsert(tx, { name: "pool.set", actor: scope.actor, details });
    return poolSet(tx, { pool, slots, description: options.description });
  });
  await notify(scope, "pools");
  return row;
}

function checkPoolOrThrow(pool: string, slots: number): void {
  checkIdOrThrow("Pool", pool);
  if (!Number.isInteger(slots) || slots < -1 || slots > 1_000_000) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `Slots of pool "${pool}"`,
      problem: "are not a whole number from -1 to 1000000",
      remedy: "write -1 for no cap",
    });
  }
  if (pool !== unlimitedPool) return;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Pool "${pool}"`,
    problem: "has no cap and is never counted",
    remedy: "give the tasks a pool of their own",
  });
}
