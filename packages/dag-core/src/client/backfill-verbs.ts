import { cancelQueuedRuns } from "../backfill/cancel.ts";
import { mostBackfillRuns } from "../definition/backfill-limits.ts";
import { TidemillError, tidemillError } from "../kernel/errors.ts";
import {
  backfillFacts,
  type BackfillFactsRow,
  backfillLock,
  backfillRunsInState,
  backfillSetState,
  type BackfillState,
} from "../store/backfill.ts";
import { eventInsert } from "../store/dag.ts";
import type { Transaction } from "../store/database.ts";
import { cancelRun } from "./cancel-run.ts";
import { type ChangeOptions, notify, type Scope } from "./scope.ts";

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

const remedies: Readonly<Record<string, string>> = {
  creating: "wait until its runs are created, or cancel it",
  running: "there is nothing to do",
  paused: "there is nothing to do",
  cancelling: "the runs that run go on to their end, then it is cancelled",
};

async function refused(tx: Transaction, backfillId: string): Promise<Error> {
  const state = (await backfillFacts(tx, backfillId))?.state ?? "gone";
  const remedy = remedies[state] ?? "one that has ended stays as it is, create another";
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

export interface CancelBackfillOptions extends ChangeOptions {
  /** Cancels the runs that run too, instead of letting them go on to their end. Defaults to false. */
  readonly stopsRunning?: boolean | undefined;
}

export interface BackfillCancelled {
  /** Runs that had not started, and with `stopsRunning` those that ran. */
  readonly cancelledRuns: number;
}

/**
 * Starts no more runs and cancels those that have not started. What runs goes on to its end unless `stopsRunning` says
 * otherwise; until then the backfill is `cancelling`, after it `cancelled`. What a dead process left half done is
 * finished by a scheduler, or by a second call.
 */
export async function cancelBackfill(
  scope: Scope,
  backfillId: string,
  options: CancelBackfillOptions = {},
): Promise<BackfillCancelled> {
  const { database } = scope;
  const found = await findOrThrow(scope, backfillId);
  if (found.state !== "cancelling") {
    const open: readonly BackfillState[] = ["creating", "running", "paused"];
    const cancelled: Move = { state: "cancelling", from: open, event: "backfill.cancelled" };
    await move(scope, found, cancelled, options);
  }
  const running = options.stopsRunning === true ? await stopRunning(scope, found, options) : 0;
  const queued = await cancelQueuedRuns(database, found);
  await notify(scope, "");
  return { cancelledRuns: queued + running };
}

async function stopRunning(
  scope: Scope,
  { backfill_id, dag_id }: BackfillFactsRow,
  options: ChangeOptions,
): Promise<number> {
  let stopped = 0;
  for (const run of await backfillRunsInState(
    scope.database,
    backfill_id,
    "running",
    mostBackfillRuns,
  )) {
    try {
      await cancelRun(scope, dag_id, run.run_id, { why: options.why });
      stopped += 1;
    } catch (error) {
      const hasEnded = error instanceof TidemillError && error.code === "TIDEMILL_STATE_REFUSED";
      if (!hasEnded) throw error;
    }
  }
  return stopped;
}
