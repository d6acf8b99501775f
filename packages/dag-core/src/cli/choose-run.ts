import type { Client } from "../client/create-client.ts";
import { tidemillError } from "../kernel/errors.ts";

/** The run that was named, else the newest of the DAG. */
export async function chooseRun(
  { readModel }: Client,
  dagId: string,
  runId: string | undefined,
): Promise<string> {
  if (runId !== undefined && runId !== "latest") return runId;
  const [newest] = await readModel.runs({ dagId, limit: 1 });
  if (newest) return newest.runId;
  throw tidemillError("TIDEMILL_RUN_NOT_FOUND", { dagId, runId: "latest", known: [] });
}
