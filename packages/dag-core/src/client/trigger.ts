import { randomBytes } from "node:crypto";
import { tidemillError } from "../kernel/errors.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import type { JsonValue } from "../kernel/json.ts";
import { manualRunId, runTypeOfId } from "../rules/run-id.ts";
import type { DagFactsRow } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import type { Transaction } from "../store/database.ts";
import { dagRunInsert, dagRunIntervalInsert, dagRunIntervalOverlaps } from "../store/schedule.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { namedInterval } from "../timetable/named-interval.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";
import { checkedParamsOrThrow } from "./check-params.ts";
import { type ChangeOptions, lockDagOrThrow, notify, type Scope } from "./scope.ts";

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
  const made = await scope.database.transaction((tx) => triggerIn(tx, scope, dagId, options));
  await notify(scope, "");
  return made;
}

/** The same inside a transaction of the caller, who wakes the schedulers after the commit. */
export async function triggerIn(
  tx: Transaction,
  { actor }: Scope,
  dagId: string,
  options: TriggerOptions,
  askedAt?: Date,
): Promise<Triggered> {
  const dag = await lockDagOrThrow(tx, dagId);
  const params = checkedParamsOrThrow(dag.manifest, options.params);
  const runId = runIdOrThrow(dag, options.runId);
  const named = options.interval === undefined ? undefined : intervalOrThrow(dag, options.interval);
  if (named) await refuseCovered(tx, dagId, named);
  const interval = named ?? lastComplete(dag);
  const logicalDate = named?.start ?? null;
  const [run] = await dagRunInsert(tx, {
    dagId,
    dagVersionId: dag.dag_version_id,
    runType: "manual",
    triggeredBy: actor,
    params,
    askedAt,
    runs: [{ interval, runAfter: dag.now, runId, logicalDate }],
  });
  if (!run) throw tidemillError("TIDEMILL_RUN_EXISTS", { dagId, runId });
  if (named) await dagRunIntervalInsert(tx, dagId, [run]);
  await eventInsert(tx, {
    name: "dag_run.created",
    actor,
    dagId,
    dagRunId: run.dag_run_id,
    details: { runId, interval: options.interval, why: options.why },
  });
  return { dagId, runId, logicalDate, dataInterval: interval, isPaused: dag.is_paused };
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

function intervalOrThrow({ dag_id, manifest }: DagFactsRow, text: string): Interval {
  const interval = namedInterval(timetableOf(manifest), text, manifest.timezone);
  if (interval) return interval;
  const schedule = JSON.stringify(manifest.schedule);
  throw tidemillError("TIDEMILL_INTERVAL_NONE", { dagId: dag_id, date: text, schedule });
}

/** Under the lock of the dag row, so that nobody covers the interval meanwhile. */
export async function refuseCovered(
  tx: Transaction,
  dagId: string,
  interval: Interval,
): Promise<void> {
  const [other] = await dagRunIntervalOverlaps(tx, dagId, interval);
  if (!other) return;
  throw tidemillError("TIDEMILL_INTERVAL_COVERED", {
    dagId,
    interval: `${interval.start.toISOString()} to ${interval.end.toISOString()}`,
    runId: other.run_id,
  });
}

/** What a run without an interval tells its tasks: the last one that is over, or the moment it was made. */
function lastComplete({ manifest, now }: DagFactsRow): Interval {
  return timetableOf(manifest).lastComplete(now) ?? { start: now, end: now };
}
