import { randomBytes } from "node:crypto";
import { checkedParamsOrThrow } from "../definition/params.ts";
import { TidemillError, tidemillError } from "../kernel/errors.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import type { JsonValue } from "../kernel/json.ts";
import { manualRunId, runTypeOfId } from "../rules/run-id.ts";
import { intervalOrThrow, makeManualRun } from "../scheduler/manual-run.ts";
import { type DagFactsRow, runFind } from "../store/client.ts";
import type { Queryable, Transaction } from "../store/database.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { namedInterval } from "../timetable/named-interval.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";
import { type ChangeOptions, findDagOrThrow, lockDagOrThrow, notify, type Scope } from "./scope.ts";

export interface TriggerOptions extends ChangeOptions {
  /** Checked by the DAG's schema. Defaults to `{}`; defaults of the schema are filled in when the run starts. */
  readonly params?: JsonValue | undefined;
  /** A date in the DAG's zone: the run is about the interval of that date, and covers it. */
  readonly interval?: string | undefined;
  /** Defaults to `manual__<time>_<random>`. */
  readonly runId?: string | undefined;
}

export interface Triggered {
  readonly dagId: string;
  readonly runId: string;
  readonly logicalDate: Date | null;
  readonly dataInterval: { readonly start: Date; readonly end: Date };
  /** The run stays queued until the DAG is unpaused. */
  readonly isPaused: boolean;
}

/** Makes a run of a DAG; a scheduler starts it. */
export async function trigger(
  scope: Scope,
  dagId: string,
  options: TriggerOptions = {},
): Promise<Triggered> {
  const { database } = scope;
  const atOnce = await makeAtOnce(scope, dagId, options);
  if (atOnce) return atOnce;
  // A run without an interval takes nothing from others: one statement makes it.
  const made =
    options.interval === undefined
      ? await makeRun(database, scope, await readDag(database, scope, dagId), options)
      : await database.transaction((tx) => triggerIn(tx, scope, dagId, options));
  // After the commit: told inside it, triggers would commit one after the other, a fifth to a tenth as many with 32 clients.
  await notify(scope, "queued");
  return made;
}

/**
 * Makes a run by the copy of its DAG, and tells of it.
 *
 * @returns undefined without one, or where the DAG itself may say something else
 */
async function makeAtOnce(
  scope: Scope,
  dagId: string,
  options: TriggerOptions,
): Promise<Triggered | undefined> {
  const copy = options.interval === undefined ? scope.copies?.get(dagId) : undefined;
  if (!copy || !scope.telling) return undefined;
  try {
    return await makeRun(scope.telling, scope, copy, options);
  } catch (error) {
    if (error instanceof TidemillError) return undefined;
    throw error;
  }
}

async function readDag(tx: Queryable, scope: Scope, dagId: string): Promise<DagFactsRow> {
  const dag = await findDagOrThrow(tx, dagId);
  scope.copies?.put(dag);
  return dag;
}

/** The same inside a transaction of the caller, who wakes the schedulers after the commit. */
export async function triggerIn(
  tx: Transaction,
  scope: Scope,
  dagId: string,
  options: TriggerOptions,
  askedAt?: Date,
): Promise<Triggered> {
  const find = options.interval === undefined ? findDagOrThrow : lockDagOrThrow;
  return makeRun(tx, scope, await find(tx, dagId), { ...options, askedAt });
}

interface MakeOptions extends TriggerOptions {
  readonly askedAt?: Date | undefined;
}

async function makeRun(
  tx: Queryable,
  scope: Scope,
  dag: DagFactsRow,
  options: MakeOptions,
): Promise<Triggered> {
  const { actor } = scope;
  const { dag_id: dagId } = dag;
  const params = checkedParamsOrThrow(dag.manifest, options.params);
  const runId = runIdOrThrow(dag, options.runId);
  const { interval: date, why, askedAt } = options;
  const named = date === undefined ? undefined : namedOrThrow(dag, date);
  const about = { interval: date, why };
  const made = await makeManualRun(tx, { dag, runId, named, params, actor, askedAt, about });
  if (!made) {
    const isThere = (await runFind(tx, dagId, runId)) !== undefined;
    if (isThere) throw tidemillError("TIDEMILL_RUN_EXISTS", { dagId, runId });
    // The DAG got another version since it was read.
    return makeRun(tx, scope, await readDag(tx, scope, dagId), options);
  }
  const logicalDate = named?.start ?? null;
  return { dagId, runId, logicalDate, dataInterval: made.interval, isPaused: made.isPaused };
}

function runIdOrThrow({ dag_id, now }: DagFactsRow, runId: string | undefined): string {
  if (runId === undefined) return manualRunId(now, randomBytes(3).toString("hex"));
  checkIdOrThrow("Run", runId);
  const type = runTypeOfId(runId);
  if (type === undefined || type === "manual") return runId;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Run id "${runId}" of DAG "${dag_id}"`,
    problem: `begins like that of a ${type} run`,
    remedy: "choose another beginning",
  });
}

function namedOrThrow(dag: DagFactsRow, text: string): Interval {
  const { manifest } = dag;
  const named = namedInterval(timetableOf(manifest), text, manifest.timezone);
  return intervalOrThrow(dag, text, named);
}
