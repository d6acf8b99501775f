import { type TidemillError, tidemillError } from "../kernel/errors.ts";
import type { TaskManifest } from "./manifest.ts";

/** What keeps a task from running that names another DAG; undefined if nothing does. */
export function targetProblem(
  dagId: string,
  { taskId, target }: Pick<TaskManifest, "taskId" | "target">,
  known: ReadonlySet<string>,
): TidemillError | undefined {
  if (target === undefined || known.has(target)) return undefined;
  return tidemillError("TIDEMILL_TARGET_NOT_FOUND", { dagId, taskId, target, known: [...known] });
}
