import { boundedMsOrThrow } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import {
  alertMuteCreate,
  alertMuteEnd,
  alertMutes,
  type MuteRow,
  type MuteScope,
} from "../store/alert-mute.ts";
import { alertFlush } from "../store/alert-status.ts";
import { eventInsert } from "../store/dag.ts";
import { camelRow, type CamelRow } from "./camel-row.ts";
import { checkTaskOrThrow, findDagOrThrow, notify, type Scope } from "./scope.ts";

export type MuteItem = CamelRow<MuteRow>;

export interface MuteAlertsOptions extends MuteScope {
  /** How long, in milliseconds; more than 0, at most 36500 days. */
  readonly forMs: number;
  readonly reason?: string | undefined;
}

export interface UnmuteAlertsOptions extends MuteScope {
  /** One mute; without it, every mute of what the scope names, or all. */
  readonly muteId?: string | undefined;
}

/**
 * Keeps alerts of a DAG, a task or a tag from being sent for a while; they are recorded as muted.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when nothing is named or the time is out of bounds; `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_TASK_NOT_FOUND`
 */
export async function muteAlerts(scope: Scope, options: MuteAlertsOptions): Promise<MuteItem> {
  const { dagId, taskId, tag, reason } = options;
  const forMs = boundedMsOrThrow("The time of the mute", options.forMs);
  if (dagId === undefined && taskId === undefined && tag === undefined)
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: "What to mute",
      problem: "is not named",
      remedy: "name a DAG, a task or a tag",
    });
  const { database, actor } = scope;
  const row = await database.transaction(async (tx) => {
    const dag = dagId === undefined ? undefined : await findDagOrThrow(tx, dagId);
    if (dag && taskId !== undefined) checkTaskOrThrow(dag.manifest, taskId);
    const made = await alertMuteCreate(tx, { ...options, reason, createdBy: actor });
    const details = { muteId: made.alert_mute_id, taskId, tag, forMs, reason };
    await eventInsert(tx, { name: "alert.muted", actor, dagId, details });
    return made;
  });
  return camelRow(row);
}

/** Ends mutes. @returns those that were ended */
export async function unmuteAlerts(
  { database, actor }: Scope,
  options: UnmuteAlertsOptions = {},
): Promise<readonly MuteItem[]> {
  if (options.muteId !== undefined && !/^\d{1,18}$/.test(options.muteId)) return [];
  const rows = await database.transaction(async (tx) => {
    const ended = await alertMuteEnd(tx, options);
    for (const { alert_mute_id, dag_id } of ended) {
      const details = { muteId: alert_mute_id };
      const dagId = dag_id ?? undefined;
      await eventInsert(tx, { name: "alert.unmuted", actor, dagId, details });
    }
    return ended;
  });
  return rows.map(camelRow);
}

/** The mutes in force. */
export async function listMutes({ database }: Scope): Promise<readonly MuteItem[]> {
  return (await alertMutes(database)).map(camelRow);
}

/**
 * Makes alerts that wait due now: what a channel refused, what quiet hours hold, what waits for its next attempt.
 *
 * @param channel As in the status; all without it.
 * @returns how many deliveries
 */
export async function flushAlerts(scope: Scope, channel?: string): Promise<number> {
  const { database, actor } = scope;
  const flushed = await database.transaction(async (tx) => {
    const count = await alertFlush(tx, channel);
    if (count > 0)
      await eventInsert(tx, { name: "alert.flushed", actor, details: { channel, count } });
    return count;
  });
  await notify(scope, "");
  return flushed;
}
