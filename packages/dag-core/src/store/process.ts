import type { Queryable, Transaction } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "process",
  "ProcessRegister",
  "ProcessBeat",
  "ProcessEnd",
  "ProcessSilent",
  "ProcessLock",
  "ProcessLose",
  "InstallationId",
);

export interface ProcessRegisterOptions {
  readonly kind: "scheduler" | "worker";
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly capacity: number;
}

export async function processRegister(
  tx: Queryable,
  options: ProcessRegisterOptions,
): Promise<string> {
  const row = await tx.one<{ process_id: string }>(q.ProcessRegister, { ...options });
  if (!row) throw new Error("The process could not be registered");
  return row.process_id;
}

/** @returns false once the process was declared lost */
export async function processBeat(tx: Queryable, processId: string): Promise<boolean> {
  return (await tx.exec(q.ProcessBeat, { process_id: processId })) === 1;
}

export async function processEnd(tx: Queryable, processId: string): Promise<void> {
  await tx.exec(q.ProcessEnd, { process_id: processId });
}

export async function processSilent(tx: Queryable, leaseMs: number): Promise<string[]> {
  const rows = await tx.many<{ process_id: string }>(q.ProcessSilent, { lease_ms: leaseMs });
  return rows.map((row) => row.process_id);
}

/** @returns whether it was lost: a heartbeat that came while the lock was waited for saves it */
export async function processLose(
  tx: Transaction,
  processId: string,
  leaseMs: number,
): Promise<boolean> {
  const locked = await tx.one(q.ProcessLock, { process_id: processId });
  if (!locked) return false;
  return (await tx.exec(q.ProcessLose, { process_id: processId, lease_ms: leaseMs })) === 1;
}

/** The identity of this installation. */
export async function installationId(tx: Queryable): Promise<string> {
  const row = await tx.one<{ installation_id: string }>(q.InstallationId);
  if (!row) throw new Error("The installation has no identity");
  return row.installation_id;
}
