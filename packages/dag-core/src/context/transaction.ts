import { readFileSync } from "node:fs";
import type { MarkerTransaction, Transactional } from "../definition/connection.ts";
import { tidemillError, toError } from "../kernel/errors.ts";
import { checkOutput, outputError } from "../kernel/json.ts";
import { type Query, sectionsOf } from "../store/sql.ts";

/** A transaction left idle ends before those that wait for its marker give up. */
const idleTimeout = "5min";
const lockTimeout = "6min";
const undefinedTable = "42P01";

/** What makes a marker: one row for each, in the database that the transaction writes to. */
export interface MarkerKey {
  /** Tells the installations apart that write to one database. */
  readonly installationId: string;
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly name: string;
}

export interface RunOnceOptions {
  readonly connectionId: string;
  readonly key: MarkerKey;
  /** Of the task instance; a larger number is a later clear and may run again. */
  readonly clearNumber: number;
}

type Hook = Transactional<MarkerTransaction>;
type Marked = { readonly json: string | undefined };

/**
 * Runs `fn` in a transaction together with its marker, once per clear of the task instance.
 *
 * @returns What `fn` returned, as JSON gives it back; of an earlier try, if one has committed.
 * @throws TidemillError `TIDEMILL_TRANSACTION_STALE` when a later clear of the task has committed;
 *   `TIDEMILL_OUTPUT_INVALID`, `TIDEMILL_OUTPUT_TOO_LARGE` when the result cannot be stored;
 *   `TIDEMILL_TRANSACTION_MARKER` when the marker table is missing and may not be made.
 *   Nothing is tried again: whatever else the database or `fn` throws is passed on after the rollback.
 */
export async function runOnce(
  hook: Hook,
  fn: (tx: MarkerTransaction) => Promise<unknown>,
  options: RunOnceOptions,
): Promise<unknown> {
  const first = await attemptOnce(hook, fn, options);
  if (first !== "no_table") return valueOf(first);
  await createMarkerTable(hook, options.connectionId);
  const second = await attemptOnce(hook, fn, options);
  if (second !== "no_table") return valueOf(second);
  throw markerError(options.connectionId, "it is gone again");
}

async function attemptOnce(
  hook: Hook,
  fn: (tx: MarkerTransaction) => Promise<unknown>,
  options: RunOnceOptions,
): Promise<Marked | "no_table"> {
  let isTableMissing = false;
  try {
    return await hook.transaction(async (tx) => {
      await runQuery(tx, sql().MarkerLimitWaits, {
        lock_timeout: lockTimeout,
        idle_timeout: idleTimeout,
      });
      const taken = await takeMarker(tx, options).catch((error: unknown) => {
        isTableMissing = hasCode(error, undefinedTable);
        throw error;
      });
      return taken ? await runAndStore(tx, fn, options) : await storedResult(tx, options);
    });
  } catch (error) {
    if (isTableMissing) return "no_table";
    throw error;
  }
}

async function takeMarker(tx: MarkerTransaction, options: RunOnceOptions): Promise<boolean> {
  const values = { ...keyValues(options.key), clear_number: options.clearNumber };
  const { rows } = await runQuery(tx, sql().MarkerTake, values);
  return rows.length > 0;
}

async function runAndStore(
  tx: MarkerTransaction,
  fn: (tx: MarkerTransaction) => Promise<unknown>,
  { key }: RunOnceOptions,
): Promise<Marked> {
  const result = await fn(tx);
  if (result === undefined) return { json: undefined };
  const checked = checkOutput(result);
  if ("problem" in checked) throw outputError(key.taskId, checked);
  await runQuery(tx, sql().MarkerSetResult, { ...keyValues(key), result: checked.json });
  return { json: checked.json };
}

async function storedResult(
  tx: MarkerTransaction,
  { key, clearNumber }: RunOnceOptions,
): Promise<Marked> {
  const { rows } = await runQuery(tx, sql().MarkerGet, keyValues(key));
  const row = rows[0];
  if (row && Number(row["clear_number"]) === clearNumber) {
    const { result } = row;
    return { json: typeof result === "string" ? result : undefined };
  }
  throw tidemillError("TIDEMILL_TRANSACTION_STALE", { name: key.name, taskId: key.taskId });
}

async function createMarkerTable(hook: Hook, connectionId: string): Promise<void> {
  try {
    await hook.transaction(async (tx) => {
      await runQuery(tx, sql().MarkerLockCreation, {});
      await tx.query(sql().create);
    });
  } catch (error) {
    throw markerError(connectionId, toError(error).message, error);
  }
}

function markerError(connectionId: string, problem: string, cause?: unknown): Error {
  return tidemillError("TIDEMILL_TRANSACTION_MARKER", { connectionId, problem }, { cause });
}

const valueOf = ({ json }: Marked): unknown =>
  json === undefined ? undefined : (JSON.parse(json) as unknown);

function keyValues(key: MarkerKey): Readonly<Record<string, unknown>> {
  return {
    installation_id: key.installationId,
    dag_id: key.dagId,
    run_id: key.runId,
    task_id: key.taskId,
    map_index: key.mapIndex,
    name: key.name,
  };
}

type QueryName =
  "MarkerLimitWaits" | "MarkerTake" | "MarkerGet" | "MarkerSetResult" | "MarkerLockCreation";
type EffectsSql = Readonly<Record<QueryName, Query>> & { readonly create: string };

let loaded: EffectsSql | undefined;

/** Read at first use: most processes never run such a transaction. */
function sql(): EffectsSql {
  if (loaded) return loaded;
  const folder = new URL("../../sql/effects/", import.meta.url);
  const text = readFileSync(new URL("transaction_marker.sql", folder), "utf8");
  const queries = Object.fromEntries(sectionsOf(text).map((query) => [query.name, query]));
  const create = readFileSync(new URL("create_transaction_marker.sql", folder), "utf8");
  loaded = { ...(queries as Record<QueryName, Query>), create };
  return loaded;
}

function runQuery(
  tx: MarkerTransaction,
  query: Query,
  values: Readonly<Record<string, unknown>>,
): ReturnType<MarkerTransaction["query"]> {
  return tx.query(
    query.text,
    query.parameters.map((name) => values[name]),
  );
}

/** A hook may wrap what the driver throws. */
function hasCode(error: unknown, code: string, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > 5) return false;
  const found = error as { readonly code?: unknown; readonly cause?: unknown };
  return found.code === code || hasCode(found.cause, code, depth + 1);
}
