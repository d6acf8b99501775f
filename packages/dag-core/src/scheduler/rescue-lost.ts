import type { Store } from "../store/database.ts";
import { dagRunOfLostProcesses } from "../store/dag-run.ts";
import { processLose, processSilent } from "../store/process.ts";
import type { FinishReport } from "./hop.ts";

/**
 * Declares silent processes lost: each is locked, then read again, so that a heartbeat that came meanwhile counts.
 *
 * @returns ids of the processes that were lost just now
 */
export async function loseSilentProcesses(
  database: Store,
  leaseMs: number,
): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const processId of await processSilent(database, leaseMs)) {
    const isLost = await database.transaction((tx) => processLose(tx, processId, leaseMs));
    if (isLost) lost.push(processId);
  }
  return lost;
}

/** The attempts that ran under processes that are gone, as reports that give them back. */
export async function lostAttempts(database: Store, now: Date): Promise<readonly FinishReport[]> {
  const rows = await dagRunOfLostProcesses(database);
  return rows.map((row) => ({
    dagRunId: row.dag_run_id,
    taskInstanceId: row.task_instance_id,
    lease: row.lease_token,
    endedAt: now,
    outcome: {
      kind: "lost",
      reason: "lease_lost",
      wasAlone: false,
      message: "The process that ran this attempt gave no sign of life within its lease",
    },
  }));
}
