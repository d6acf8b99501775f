import type { JsonValue } from "../kernel/json.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "request",
  "RequestTake",
  "RequestDone",
  "RequestPauseFailing",
  "RequestLastRuns",
);

export type RequestVerb = "trigger" | "cancel" | "clear" | "pause" | "unpause" | "pause_failing";

export interface RequestRow {
  readonly request_id: string;
  readonly verb: RequestVerb;
  readonly dag_id: string;
  /** Of the verbs about a run. */
  readonly run_id: string | null;
  readonly actor: string;
  readonly why: string | null;
  readonly options: Readonly<Record<string, JsonValue>>;
  readonly requested_at: Date;
}

/** The next request, locked; undefined when there is none that nobody else has. */
export function requestTake(tx: Queryable): Promise<RequestRow | undefined> {
  return tx.one(q.RequestTake);
}

/** @returns whether it was still there */
export async function requestDone(tx: Queryable, requestId: string): Promise<boolean> {
  return (await tx.one(q.RequestDone, { request_id: requestId })) !== undefined;
}

export async function requestPauseFailing(tx: Queryable, dagIds: readonly string[]): Promise<void> {
  await tx.exec(q.RequestPauseFailing, { dag_ids: dagIds });
}

export function requestLastRuns(
  tx: Queryable,
  dagId: string,
  maxRuns: number,
): Promise<{ readonly run_id: string; readonly state: "success" | "failed" }[]> {
  return tx.many(q.RequestLastRuns, { dag_id: dagId, max_runs: maxRuns });
}
