import path from "node:path";
import { tidemillError } from "../kernel/errors.ts";
import {
  type DagFactsRow,
  dagFacts,
  dagIds,
  dagLock,
  runFacts,
  type RunFactsRow,
  runFind,
  runIdsNear,
  type WakeMessage,
  wakeUp,
} from "../store/client.ts";
import type { Queryable, Store, Transaction } from "../store/database.ts";
import type { DagCopies } from "./dag-copies.ts";
import { importErrorList } from "../store/read-model.ts";
import { dagRunLock } from "../store/dag-run.ts";
import type { DagManifest } from "../definition/manifest.ts";

/** What every verb acts on, and in whose name. */
export interface Scope {
  readonly database: Store;
  /** Stored with everything that is changed: `cli:anna`, `web:anna`, the name of an application. */
  readonly actor: string;
  /** What this client remembers of DAGs. Defaults to nothing. */
  readonly copies?: DagCopies;
  /** The same database, where each statement is followed by the news that a run is queued, also where it made none. Defaults to none. */
  readonly telling?: Queryable;
}

/** What every verb that changes something can be told. */
export interface ChangeOptions {
  /** Why, for the event that is left behind. */
  readonly why?: string | undefined;
}

async function dagNotFound(tx: Queryable, dagId: string): Promise<Error> {
  const errors = await importErrorList(tx);
  const importError = errors.find(({ file }) => path.parse(file).name === dagId)?.message;
  return tidemillError("TIDEMILL_DAG_NOT_FOUND", { dagId, known: await dagIds(tx), importError });
}

/** @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, also for a DAG that no file declares any more. */
export async function findDagOrThrow(tx: Queryable, dagId: string): Promise<DagFactsRow> {
  const found = await dagFacts(tx, dagId);
  if (!found) throw await dagNotFound(tx, dagId);
  return found;
}

/** Locks the row of a DAG first and reads it then, since a statement does not see what it waited for. */
export async function lockDagOrThrow(tx: Transaction, dagId: string): Promise<DagFactsRow> {
  await dagLock(tx, dagId);
  return findDagOrThrow(tx, dagId);
}

/** @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_RUN_NOT_FOUND` */
export async function findRunOrThrow(
  tx: Queryable,
  dagId: string,
  runId: string,
): Promise<RunFactsRow> {
  const dagRunId = await runFind(tx, dagId, runId);
  const run = dagRunId === undefined ? undefined : await runFacts(tx, dagRunId);
  if (run) return run;
  await findDagOrThrow(tx, dagId);
  const known = await runIdsNear(tx, dagId);
  throw tidemillError("TIDEMILL_RUN_NOT_FOUND", { dagId, runId, known });
}

/** Locks the DAG, then the run, in the order that everybody keeps. The DAG may be one that no file declares any more. */
export async function lockRunOrThrow(
  tx: Transaction,
  dagId: string,
  runId: string,
): Promise<RunFactsRow> {
  const { dag_run_id } = await findRunOrThrow(tx, dagId, runId);
  await dagLock(tx, dagId);
  await dagRunLock(tx, [dag_run_id]);
  return findRunOrThrow(tx, dagId, runId);
}

/** @throws TidemillError `TIDEMILL_TASK_NOT_FOUND` */
export function checkTaskOrThrow({ dagId, tasks }: DagManifest, taskId: string): void {
  const known = tasks.map((task) => task.taskId);
  if (known.includes(taskId)) return;
  throw tidemillError("TIDEMILL_TASK_NOT_FOUND", { dagId, taskId, known });
}

/** Tells the processes to look at once. A lost message costs a second, so a failure to send it is nobody's failure. */
export async function notify({ database }: Scope, message: WakeMessage): Promise<void> {
  await wakeUp(database, message).catch(() => undefined);
}

export function runSubject(dagId: string, runId: string): string {
  return `Run "${runId}" of DAG "${dagId}"`;
}
