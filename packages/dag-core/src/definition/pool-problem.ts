import { type TidemillError, tidemillError } from "../kernel/errors.ts";
import type { TaskManifest } from "./manifest.ts";

/** The pool of a task that names none: it has no cap, and no row. */
export const unlimitedPool = "default_pool";

/**
 * Why a task could never be held to its pool, or never start in it.
 *
 * @param pools slots of each pool, -1 for no cap, 0 to let nothing start for now.
 * @returns `TIDEMILL_POOL_NOT_FOUND` or `TIDEMILL_POOL_TOO_SMALL`
 */
export function poolProblem(
  dagId: string,
  { taskId, pool, poolSlots }: Pick<TaskManifest, "taskId" | "pool" | "poolSlots">,
  pools: ReadonlyMap<string, number>,
): TidemillError | undefined {
  if (pool === unlimitedPool) return undefined;
  const slots = pools.get(pool);
  if (slots === undefined) {
    const known = [...pools.keys()];
    return tidemillError("TIDEMILL_POOL_NOT_FOUND", { dagId, taskId, pool, known });
  }
  if (slots <= 0 || poolSlots <= slots) return undefined;
  return tidemillError("TIDEMILL_POOL_TOO_SMALL", { dagId, taskId, pool, poolSlots, slots });
}
