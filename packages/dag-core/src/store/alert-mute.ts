import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("alert", "AlertMuteCreate", "AlertMuteEnd", "AlertMutes");

/** What a mute silences; parts that are absent match everything. */
export interface MuteScope {
  readonly dagId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly tag?: string | undefined;
}

export interface MuteRow {
  readonly alert_mute_id: string;
  readonly created_at: Date;
  readonly muted_until: Date;
  readonly dag_id: string | null;
  readonly task_id: string | null;
  readonly tag: string | null;
  readonly reason: string | null;
  readonly created_by: string;
}

export interface MuteCreateOptions extends MuteScope {
  readonly forMs: number;
  readonly reason: string | undefined;
  readonly createdBy: string;
}

export async function alertMuteCreate(tx: Queryable, options: MuteCreateOptions): Promise<MuteRow> {
  const { dagId, taskId, tag, forMs, reason, createdBy } = options;
  const row = await tx.one<MuteRow>(q.AlertMuteCreate, {
    dag_id: dagId ?? null,
    task_id: taskId ?? null,
    tag: tag ?? null,
    for_ms: forMs,
    reason: reason ?? null,
    created_by: createdBy,
  });
  if (!row) throw new Error("The database did not return the mute");
  return row;
}

/** Ends the mutes in force that a scope, or an id, names. @returns those that were ended */
export function alertMuteEnd(
  tx: Queryable,
  { dagId, taskId, tag, muteId }: MuteScope & { readonly muteId?: string | undefined },
): Promise<MuteRow[]> {
  return tx.many(q.AlertMuteEnd, {
    alert_mute_id: muteId ?? null,
    dag_id: dagId ?? null,
    task_id: taskId ?? null,
    tag: tag ?? null,
  });
}

/** The mutes in force, the first to end first. */
export function alertMutes(tx: Queryable): Promise<MuteRow[]> {
  return tx.many(q.AlertMutes);
}
