import {
  type RunFailureRow,
  type RunTryErrorRow,
  runTryErrors,
  type TryErrorOptions,
} from "../store/failure.ts";
import { camelRow, type CamelRow } from "./camel-row.ts";
import { checkTaskOrThrow, findRunOrThrow, type Scope } from "./scope.ts";

/** A task instance that failed, with the message of its last error. */
export type FailureItem = CamelRow<RunFailureRow>;
export type TryErrorItem = CamelRow<RunTryErrorRow>;

/** What the tries of a run, of one of its tasks or instances, failed with; by the end of the try. */
export async function listTryErrors(
  { database }: Scope,
  dagId: string,
  runId: string,
  options: TryErrorOptions = {},
): Promise<TryErrorItem[]> {
  const run = await findRunOrThrow(database, dagId, runId);
  if (options.taskId !== undefined) checkTaskOrThrow(run.manifest, options.taskId);
  return (await runTryErrors(database, run.dag_run_id, options)).map(camelRow);
}
