import type { DagRunState } from "../definition/states.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "wait",
  "WaitEvents",
  "WaitRuns",
  "WakeTell",
  "EventSend",
  "EventExpire",
  "WatchedDagInsert",
);

export interface EventWait {
  readonly taskInstanceId: string;
  readonly name: string;
  /** Events sent before do not count. */
  readonly since: Date;
  /** The event that ended an earlier wait of the same task instance. */
  readonly after: string | null;
}

export interface EndingEventRow {
  readonly task_instance_id: string;
  readonly named_event_id: string;
  readonly payload: JsonValue;
}

export function waitEvents(tx: Queryable, waits: readonly EventWait[]): Promise<EndingEventRow[]> {
  return tx.many(q.WaitEvents, {
    task_instance_ids: waits.map((wait) => wait.taskInstanceId),
    names: waits.map((wait) => wait.name),
    sinces: waits.map((wait) => wait.since),
    after_ids: waits.map((wait) => wait.after ?? "0"),
  });
}

export interface RunWait {
  readonly taskInstanceId: string;
  readonly dagId: string;
  /** The run, by its id or by the start of an interval that it covers. */
  readonly runId: string | undefined;
  readonly intervalStart: Date | undefined;
}

export interface EndedRunRow {
  readonly task_instance_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly state: DagRunState;
}

export function waitRuns(tx: Queryable, waits: readonly RunWait[]): Promise<EndedRunRow[]> {
  return tx.many(q.WaitRuns, {
    task_instance_ids: waits.map((wait) => wait.taskInstanceId),
    dag_ids: waits.map((wait) => wait.dagId),
    run_ids: waits.map((wait) => wait.runId ?? null),
    starts: waits.map((wait) => wait.intervalStart ?? null),
  });
}

export interface Told {
  /** Happenings that there was something to do for. */
  readonly wakes: number;
  /** Runs that were told. */
  readonly runs: number;
}

/** Tells runs of what has happened that they wait for. */
export async function wakeTell(
  tx: Queryable,
  most: { readonly wakes: number; readonly runs: number },
): Promise<Told> {
  const told = await tx.one<Told>(q.WakeTell, { max_wakes: most.wakes, max_runs: most.runs });
  return told ?? { wakes: 0, runs: 0 };
}

export interface EventToSend {
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly key: string | undefined;
  readonly ttlMs: number;
  readonly sentBy: string;
}

/** @returns for each event its id, or null where its key was sent before */
export async function eventSend(
  tx: Queryable,
  events: readonly EventToSend[],
): Promise<(string | null)[]> {
  const rows = events.map((event) => ({
    name: event.name,
    payload: JSON.parse(event.payload) as JsonValue,
    event_key: event.key ?? null,
    ttl_ms: event.ttlMs,
    sent_by: event.sentBy,
  }));
  const sent = await tx.many<{ named_event_id: string | null }>(q.EventSend, {
    events: JSON.stringify(rows),
  });
  return sent.map((row) => row.named_event_id);
}

export function eventExpire(tx: Queryable): Promise<number> {
  return tx.exec(q.EventExpire);
}

export async function watchedDagInsert(tx: Queryable, dagIds: readonly string[]): Promise<void> {
  await tx.exec(q.WatchedDagInsert, { dag_ids: dagIds });
}
