import type { FinishReport } from "../scheduler/hop.ts";
import type { UnloadedDags } from "../scheduler/unloaded-dags.ts";
import type { Store } from "../store/database.ts";
import { taskNewest } from "../store/unloaded-tasks.ts";

/**
 * Judges attempts for whose tasks this process has no code. A task that the newest code of its DAG has is not gone: this
 * process is behind, as it is while a deployment goes from one process to the next, and leaves the DAG to the others.
 */
export async function judgeMissing(
  database: Store,
  unloaded: UnloadedDags,
  batch: readonly FinishReport[],
): Promise<readonly FinishReport[]> {
  const missing = batch.filter(({ outcome }) => outcome.kind === "wrong_version");
  if (missing.length === 0) return batch;
  const rows = await taskNewest(
    database,
    missing.map((report) => report.taskInstanceId),
  );
  const declared = new Map(rows.map((row) => [row.task_instance_id, row]));
  return batch.map((report) => {
    const row = declared.get(report.taskInstanceId);
    if (report.outcome.kind !== "wrong_version" || !row) return report;
    unloaded.missed(row.dag_id, row.task_id);
    return { ...report, outcome: { kind: "wrong_version", missing: "dag" } };
  });
}
