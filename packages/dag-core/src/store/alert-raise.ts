import type { AlertKind, AlertPayload } from "../kernel/alert.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "alert",
  "AlertCreateTest",
  "AlertIncidentForget",
  "AlertLateRuns",
  "AlertLostProcesses",
  "AlertTaskFailed",
  "AlertRaise",
  "AlertSchedulerLag",
);

export interface AlertRaiseOptions {
  readonly kind: AlertKind;
  /** What it is about, once for each kind and DAG: a gap, a backfill, a process. */
  readonly subject: string;
  readonly payload: AlertPayload;
}

/** Raises an alert that is about no run, in the transaction of what it tells. */
export async function alertRaise(
  tx: Queryable,
  { kind, subject, payload }: AlertRaiseOptions,
): Promise<void> {
  const facts = { kind, dag_id: payload.dagId, subject, payload: JSON.stringify(payload) };
  await tx.exec(q.AlertRaise, facts);
}

/**
 * Raises an alert that says nothing but that alerts arrive; the sender of a running scheduler delivers it.
 *
 * @returns the alert's id
 */
export async function alertCreateTest(
  database: Queryable,
  payload: Partial<AlertPayload> = {},
): Promise<string> {
  const facts: AlertPayload = {
    dagId: "alerts_test",
    runId: "manual",
    reason: "manual",
    timezone: "UTC",
    ...payload,
  };
  const row = await database.one<{ alert_id: string }>(q.AlertCreateTest, {
    payload: JSON.stringify(facts),
  });
  return row?.alert_id ?? "";
}

/** Raises an alert for each run that is past its deadline. @returns how many */
export function alertLateRuns(tx: Queryable): Promise<number> {
  return tx.exec(q.AlertLateRuns);
}

/** Raises an alert when a due run was not created within a time, in milliseconds. @returns 1 if it did */
export function alertSchedulerLag(tx: Queryable, limitMs: number): Promise<number> {
  return tx.exec(q.AlertSchedulerLag, { limit_ms: limitMs });
}

/** Raises an alert for each process that is silent for longer than its lease, in milliseconds. @returns how many */
export function alertLostProcesses(tx: Queryable, leaseMs: number): Promise<number> {
  return tx.exec(q.AlertLostProcesses, { lease_ms: leaseMs });
}

/** Raises the alerts of tasks that failed otherwise than by the rules, in the transaction that made it so. */
export async function alertTaskFailed(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.exec(q.AlertTaskFailed, { task_instance_ids: ids });
}

/** Forgets errors that nothing was heard of for a month, and mutes that ended so long ago. */
export async function alertIncidentForget(tx: Queryable): Promise<void> {
  await tx.exec(q.AlertIncidentForget);
}
