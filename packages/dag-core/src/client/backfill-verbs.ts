import { tidemillError } from "../kernel/errors.ts";
import {
  backfillFacts,
  type BackfillFactsRow,
  backfillLock,
  backfillQueuedRuns,
  backfillRunCancel,
  backfillSetState,
  type BackfillState,
} from "../store/backfill.ts";
import { dagLock } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import { dagRunLock } from "../store/dag-run.ts";
import type { Transaction } from "../store/database.ts";
import { type ChangeOptions, notify, type Scope } from "./scope.ts";

const cancelBatch = 500;
/** 500 million runs; a loop that is not over by then does not make progress. */
const mostBatches = 1_000_000;

async function findOrThrow(scope: Scope, backfillId: string): Promise<BackfillFactsRow> {
  const isId = /^\d{1,18}$/.test(backfillId);
  const found = isId ? await backfillFacts(scope.database, backfillId) : undefined;
  if (!found) throw tidemillError("TIDEMILL_BACKFILL_NOT_FOUND", { backfillId });
  return found;
}

interface Move {
  readonly state: BackfillState;
  readonly from: readonly BackfillState[];
  readonly event: string;
}

async function move(
  scope: Scope,
  { backfill_id: backfillId, dag_id: dagId }: BackfillFactsRow,
  { state, from, event }: Move,
  { why }: ChangeOptions,
): Promise<void> {
  await scope.database.transaction(async (tx) => {
    await backfillLock(tx, backfillId);
    if (!(await backfillSetState(tx, backfillId, state, from))) throw await refused(tx, backfillId);
    await eventInsert(tx, { name: event, actor: scope.actor, dagId, details: { backfillId, why } });
  });
}

async function refused(tx: Transaction, backfillId: string): Promise<Error> {
  const state = (await backfillFacts(tx, backfillId))?.state ?? "gone";
  const remedy =
    state === "paused" || state === "running"
      ? "there is nothing to do"
      : "one that has ended stays as it is, create another";
  return tidemillError("TIDEMILL_STATE_REFUSED", {
    subject: `Backfill ${backfillId}`,
    state,
    remedy,
  });
}

/** Starts no more runs; those that run go on. */
export async function pauseBackfill(
  scope: Scope,
  backfillId: string,
  options: ChangeOptions = {},
): Promise<void> {
  const found = await findOrThrow(scope, backfillId);
  const paused: Move = { state: "paused", from: ["running"], event: "backfill.paused" };
  await move(scope, found, paused, options);
}

export async function resumeBackfill(
  scope: Scope,
  backfillId: string,
  options: ChangeOptions = {},
): Promise<void> {
  const found = await findOrThrow(scope, backfillId);
  const resumed: Move = { state: "running", from: ["paused"], event: "backfill.resumed" };
  await move(scope, found, resumed, options);
  await notify(scope, "");
}

export interface BackfillCancelled {
  /** Runs that had not started. */
  readonly cancelledRuns: number;
}

/**
 * Cancels the runs of a backfill that have not started and ends it; runs that have started go on to their end.
 * It is paused first, so that nothing starts meanwhile; what is left half done is finished by a second call.
 */
export async function cancelBackfill(
  scope: Scope,
  backfillId: string,
  options: ChangeOptions = {},
): Promise<BackfillCancelled> {
  const found = await findOrThrow(scope, backfillId);
  const open: readonly BackfillState[] = ["running", "paused"];
  await move(scope, found, { state: "paused", from: open, event: "backfill.cancelling" }, options);
  let cancelledRuns = 0;
  for (let batch = 0; batch < mostBatches; batch++) {
    const count = await cancelSome(scope, found);
    if (count === undefined) break;
    cancelledRuns += count;
  }
  await end(scope, found, options);
  await notify(scope, "");
  return { cancelledRuns };
}

/** Its last running run may have ended it meanwhile, which is an end too. */
async function end(scope: Scope, found: BackfillFactsRow, options: ChangeOptions): Promise<void> {
  const ended: Move = { state: "cancelled", from: ["paused"], event: "backfill.cancelled" };
  try {
    await move(scope, found, ended, options);
  } catch (error) {
    const now = await backfillFacts(scope.database, found.backfill_id);
    if (now?.state === "paused" || now?.state === "running") throw error;
  }
}

/** @returns how many were cancelled; undefined when there is none left */
async function cancelSome(
  scope: Scope,
  { backfill_id, dag_id }: BackfillFactsRow,
): Promise<number | undefined> {
  return scope.database.transaction(async (tx) => {
    await dagLock(tx, dag_id);
    const dagRunIds = await backfillQueuedRuns(tx, backfill_id, cancelBatch);
    if (dagRunIds.length === 0) return undefined;
    await dagRunLock(tx, dagRunIds);
    return backfillRunCancel(tx, dagRunIds);
  });
}
