import { TidemillError, toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import { dagFacts, dagLock, dagPause } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import type { Store, Transaction } from "../store/database.ts";
import { requestDone, requestLastRuns, type RequestRow, requestTake } from "../store/request.ts";
import { isTransient } from "../store/transient-errors.ts";
import { cancelIn } from "./cancel-run.ts";
import { clearRun } from "./clear-tasks.ts";
import { pauseIn } from "./pause-dag.ts";
import { notify, type Scope } from "./scope.ts";
import { triggerIn } from "./trigger.ts";

/** A tick does not wait for more than these; the rest is for the next one. */
const mostRequests = 500;

/**
 * Carries out what was asked for in SQL, by the same code as the verbs of the client: each request in a transaction of
 * its own, those of one DAG in the order in which they were made. One that is refused leaves an event that says why.
 */
export async function carryOutRequests(database: Store, bus: EventBus): Promise<void> {
  let hasAborted = false;
  for (let n = 0; n < mostRequests; n++) {
    const request = await carryOutNext(database, bus);
    if (!request) break;
    hasAborted ||= request.verb === "cancel" || request.verb === "clear";
  }
  if (hasAborted) await notify({ database, actor: "" }, "cancel");
}

async function carryOutNext(database: Store, bus: EventBus): Promise<RequestRow | undefined> {
  let request: RequestRow | undefined;
  try {
    await database.transaction(async (tx) => {
      request = await requestTake(tx);
      if (!request) return;
      await carryOut(tx, { database, actor: request.actor }, request);
      await requestDone(tx, request.request_id);
    });
  } catch (error) {
    if (!request || isTransient(error)) throw error;
    await refuse(database, bus, request, toError(error));
  }
  return request;
}

async function carryOut(tx: Transaction, scope: Scope, request: RequestRow): Promise<void> {
  const { verb, dag_id: dagId, options } = request;
  const why = request.why ?? undefined;
  const runId = request.run_id ?? "";
  switch (verb) {
    case "trigger":
      await triggerIn(tx, scope, dagId, { ...options, runId, why }, request.requested_at);
      return;
    case "cancel":
      await cancelIn(tx, scope, dagId, runId, { why });
      return;
    case "clear":
      await clearRun(tx, scope, { ...options, dagId, runId, why });
      return;
    case "pause":
    case "unpause":
      await pauseIn(tx, scope, dagId, verb === "pause", { why });
      return;
    case "pause_failing":
      return pauseFailing(tx, scope, dagId);
  }
}

/** Pauses a DAG whose last runs have all failed, as many as it says. Runs that were cancelled judge nothing. */
async function pauseFailing(tx: Transaction, { actor }: Scope, dagId: string): Promise<void> {
  await dagLock(tx, dagId);
  const most = (await dagFacts(tx, dagId))?.manifest.maxConsecutiveFailedRuns;
  if (most === undefined) return;
  const last = await requestLastRuns(tx, dagId, most);
  if (last.length < most || last.some((run) => run.state !== "failed")) return;
  if (!(await dagPause(tx, dagId, true))) return;
  const why = most === 1 ? "its last run failed" : `its last ${most} runs failed`;
  const details = { why, runIds: last.map((run) => run.run_id) };
  await eventInsert(tx, { name: "dag.paused", actor, dagId, details });
}

async function refuse(
  database: Store,
  bus: EventBus,
  { request_id, verb, dag_id: dagId, run_id: runId, actor }: RequestRow,
  error: Error,
): Promise<void> {
  const { message } = error;
  const code = error instanceof TidemillError ? error.code : undefined;
  const isMine = await database.transaction(async (tx) => {
    if (!(await requestDone(tx, request_id))) return false;
    const details = { verb, runId, code, error: message };
    await eventInsert(tx, { name: "request.refused", actor, dagId, details });
    return true;
  });
  if (isMine) bus.emit("request.refused", { dagId, verb, error: message });
}
