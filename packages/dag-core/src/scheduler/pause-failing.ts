import type { Queryable } from "../store/database.ts";
import { requestPauseFailing } from "../store/request.ts";
import type { EndedRun, Hop } from "./hop.ts";

/** Asks to pause the DAGs that bear few failed runs in a row and may have had too many. */
export async function pauseFailing(tx: Queryable, hop: Hop): Promise<void> {
  const dagIds = new Set(hop.endedRuns.filter(mayPause).map(({ entry }) => entry.facts.dag_id));
  if (dagIds.size > 0) await requestPauseFailing(tx, [...dagIds]);
}

/** Whether the end of a run may be one failure too many for its DAG. */
export function mayPause({ entry, outcome }: EndedRun): boolean {
  const { maxConsecutiveFailedRuns: borne } = entry.state.graph.manifest;
  return outcome.state === "failed" && borne !== undefined;
}
