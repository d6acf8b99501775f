import { tidemillError } from "../kernel/errors.ts";
import { tellingDatabase } from "../store/client.ts";
import { Database } from "../store/database.ts";
import {
  type BackfillCancelled,
  cancelBackfill,
  type CancelBackfillOptions,
  pauseBackfill,
  resumeBackfill,
} from "./backfill-verbs.ts";
import { type BackfillRequest, planBackfillOf } from "./backfills.ts";
import { cancelRun } from "./cancel-run.ts";
import { checkSchedules } from "./check-schedules.ts";
import { clearTasks } from "./clear-tasks.ts";
import {
  type BackfillCreated,
  checkBackfill,
  createBackfill,
  type CreateBackfillOptions,
} from "./create-backfill.ts";
import { DagCopies } from "./dag-copies.ts";
import { diffDag } from "./diff-dag.ts";
import { explain } from "./explain.ts";
import { listTryErrors } from "./failures.ts";
import { checkHealth } from "./health.ts";
import { readLogs } from "./logs.ts";
import { markRun } from "./mark-run.ts";
import { markTasks } from "./mark-tasks.ts";
import { nextExecutions } from "./next-execution.ts";
import { flushAlerts, listMutes, muteAlerts, unmuteAlerts } from "./mute-alerts.ts";
import { setDagPaused } from "./pause-dag.ts";
import * as read from "./read-model.ts";
import type { ChangeOptions, Scope } from "./scope.ts";
import { sendEvent } from "./send-event.ts";
import { setPool } from "./set-pool.ts";
import { listAssets, updateAsset } from "./update-asset.ts";
import { trigger } from "./trigger.ts";

export interface ClientOptions {
  /** Postgres URI of the engine's database; or `database`, one that is open. */
  readonly databaseUrl?: string;
  readonly database?: Database;
  /** Schema of the engine's tables. Defaults to `"tidemill"`. */
  readonly schema?: string;
  /** In whose name things are changed; stored with every change. */
  readonly actor: string;
}

/** A function of this stage without its first argument. */
type Bound<F> = F extends (scope: Scope, ...rest: infer A) => infer R ? (...rest: A) => R : never;

/**
 * Everything that people and applications do with an engine, over its database. Each verb is one transaction per run
 * and leaves an event that says who and why.
 */
export interface Client {
  /**
   * Makes a queued run; a scheduler starts it.
   *
   * @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_PARAMS_INVALID`, `TIDEMILL_RUN_EXISTS`,
   *   `TIDEMILL_INTERVAL_COVERED`, `TIDEMILL_INTERVAL_NONE`, `TIDEMILL_DATE_INVALID`
   * @example await client.trigger("orders_daily", { interval: "2026-01-31", why: "late file" })
   */
  readonly trigger: Bound<typeof trigger>;
  /**
   * Ends a run; what runs is aborted. Teardowns run, unless it is cancelled once more.
   *
   * @throws TidemillError `TIDEMILL_RUN_NOT_FOUND`, `TIDEMILL_STATE_REFUSED` when it has ended
   */
  readonly cancelRun: Bound<typeof cancelRun>;
  /**
   * Forgets results, so that tasks run again; of one run or of all in a range.
   *
   * @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_RUN_NOT_FOUND`, `TIDEMILL_TASK_NOT_FOUND`,
   *   `TIDEMILL_DATE_INVALID`, `TIDEMILL_INPUT_INVALID` when neither a run nor a range is named
   * @example await client.clearTasks({ dagId, runId, onlyFailed: true, dryRun: true })
   */
  readonly clearTasks: Bound<typeof clearTasks>;
  /**
   * Sets the state of tasks by hand; what failed after them runs again.
   *
   * @throws TidemillError as `clearTasks`, `TIDEMILL_INPUT_INVALID` also when no task is named, and
   *   `TIDEMILL_STATE_REFUSED` for a run that has no tasks yet
   * @example await client.markTasks({ dagId, runId, taskIds: ["load"], state: "success" })
   */
  readonly markTasks: Bound<typeof markTasks>;
  /**
   * Ends a run by hand; teardowns that are left run first.
   *
   * @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_RUN_NOT_FOUND`
   * @example await client.markRun("orders_daily", runId, { state: "failed", why: "wrong file" })
   */
  readonly markRun: Bound<typeof markRun>;
  /** @returns false if it was paused already @throws TidemillError `TIDEMILL_DAG_NOT_FOUND` */
  pauseDag(dagId: string, options?: ChangeOptions): Promise<boolean>;
  /** @returns false if it was not paused @throws TidemillError `TIDEMILL_DAG_NOT_FOUND` */
  unpauseDag(dagId: string, options?: ChangeOptions): Promise<boolean>;
  /**
   * Sends a named event to the tasks that wait for it, now or later.
   *
   * @returns `isNew: false` if an event of this name with the same key was sent before and is still kept
   * @throws TidemillError `TIDEMILL_ID_INVALID`, `TIDEMILL_INPUT_INVALID`, `TIDEMILL_DURATION_INVALID`
   * @example await client.sendEvent("orders.approved", { payload: { by: "anna" }, key: "2026-01-31" })
   */
  readonly sendEvent: Bound<typeof sendEvent>;
  /**
   * Tells that an asset was updated from outside, so that the DAGs scheduled by it run.
   *
   * @throws TidemillError `TIDEMILL_ID_INVALID`
   * @example await client.updateAsset("raw.orders", { payload: { rows: 120 } })
   */
  readonly updateAsset: Bound<typeof updateAsset>;
  /**
   * Creates a pool or changes its slots; -1 is no cap, 0 lets nothing start.
   *
   * @throws TidemillError `TIDEMILL_ID_INVALID`, `TIDEMILL_INPUT_INVALID`, `TIDEMILL_POOL_TOO_SMALL` when a task asks
   *   for more slots than that
   */
  readonly setPool: Bound<typeof setPool>;
  /** What names a backfill throws `TIDEMILL_BACKFILL_NOT_FOUND`; what changes one, `TIDEMILL_STATE_REFUSED` too. */
  readonly backfill: {
    /** What a backfill would do, interval by interval, and a hash of that; changes nothing. */
    plan(request: BackfillRequest): ReturnType<typeof planBackfillOf>;
    /**
     * Makes the runs of a plan: all of them, or what is cut off goes on when the same is asked for again.
     *
     * @throws TidemillError `TIDEMILL_BACKFILL_OVERLAP`, `TIDEMILL_BACKFILL_EMPTY`, `TIDEMILL_BACKFILL_REFUSED`
     */
    create(options: CreateBackfillOptions): Promise<BackfillCreated>;
    /** What `create` would make; refuses what it refuses, and changes nothing. */
    check(options: CreateBackfillOptions): ReturnType<typeof checkBackfill>;
    readonly list: Bound<typeof read.listBackfills>;
    /** How far it is, and an estimate of the time that is left. */
    readonly status: Bound<typeof read.showBackfill>;
    readonly pause: Bound<typeof pauseBackfill>;
    readonly resume: Bound<typeof resumeBackfill>;
    /** Cancels the runs that have not started, and on request those that run. */
    cancel(backfillId: string, options?: CancelBackfillOptions): Promise<BackfillCancelled>;
  };
  readonly alerts: {
    /**
     * Keeps alerts from being sent for a while; they are recorded as muted.
     *
     * @example await client.alerts.mute({ dagId: "orders_daily", forMs: 3_600_000, reason: "migration" })
     */
    readonly mute: Bound<typeof muteAlerts>;
    /** Ends mutes: one by its id, those of a DAG, task or tag, or all. */
    readonly unmute: Bound<typeof unmuteAlerts>;
    /** The mutes in force. */
    readonly mutes: Bound<typeof listMutes>;
    /** Makes alerts that wait due now. @returns how many deliveries */
    readonly flush: Bound<typeof flushAlerts>;
  };
  /**
   * Why a run or a task does not run, who holds it, and when it is looked at again.
   *
   * @throws TidemillError `TIDEMILL_DAG_NOT_FOUND`, `TIDEMILL_RUN_NOT_FOUND`, `TIDEMILL_TASK_NOT_FOUND`
   */
  readonly explain: Bound<typeof explain>;
  /** Lists for people and pages; they change nothing. What names a DAG, a run or a backfill throws that it is none. */
  readonly readModel: {
    readonly dags: Bound<typeof read.listDags>;
    readonly dag: Bound<typeof read.showDag>;
    readonly nextExecutions: Bound<typeof nextExecutions>;
    /** What a manifest that is not registered yet would change. */
    readonly dagDiff: Bound<typeof diffDag>;
    /** What the clock changes of the coming years do to schedules. */
    readonly checkSchedules: Bound<typeof checkSchedules>;
    readonly importErrors: Bound<typeof read.listImportErrors>;
    readonly runs: Bound<typeof read.listRuns>;
    readonly run: Bound<typeof read.showRun>;
    readonly tries: Bound<typeof read.listTries>;
    /** What tries failed with. */
    readonly tryErrors: Bound<typeof listTryErrors>;
    /** A page of log lines; its cursor goes on from there. */
    readonly logs: Bound<typeof readLogs>;
    readonly assets: Bound<typeof listAssets>;
    readonly pools: Bound<typeof read.listPools>;
    readonly alerts: Bound<typeof read.alertsStatus>;
    readonly health: Bound<typeof checkHealth>;
  };
  /** Closes the connections that it opened itself. */
  close(): Promise<void>;
}

/**
 * A client of the engine behind a database.
 *
 * @throws TidemillError `TIDEMILL_DATABASE_MISSING` when neither an address nor a database is given.
 * @example
 * const client = createClient({ databaseUrl: process.env.TIDEMILL_DATABASE_URL, actor: "shop" });
 * const { runId } = await client.trigger("orders_daily", { params: { region: "eu" } });
 * await client.close();
 */
export function createClient(options: ClientOptions): Client {
  const { database = open(options), actor } = options;
  const telling = tellingDatabase(database, "queued");
  const scope: Scope = { database, actor, copies: new DagCopies(), telling };
  const bind = <A extends readonly unknown[], R>(fn: (scope: Scope, ...rest: A) => R) => {
    return (...rest: A): R => fn(scope, ...rest);
  };
  return {
    trigger: bind(trigger),
    cancelRun: bind(cancelRun),
    clearTasks: bind(clearTasks),
    markTasks: bind(markTasks),
    markRun: bind(markRun),
    pauseDag: (dagId, given) => setDagPaused(scope, dagId, true, given),
    unpauseDag: (dagId, given) => setDagPaused(scope, dagId, false, given),
    sendEvent: bind(sendEvent),
    updateAsset: bind(updateAsset),
    setPool: bind(setPool),
    backfill: {
      plan: bind(planBackfillOf),
      create: bind(createBackfill),
      check: bind(checkBackfill),
      list: bind(read.listBackfills),
      status: bind(read.showBackfill),
      pause: bind(pauseBackfill),
      resume: bind(resumeBackfill),
      cancel: bind(cancelBackfill),
    },
    alerts: {
      mute: bind(muteAlerts),
      unmute: bind(unmuteAlerts),
      mutes: bind(listMutes),
      flush: bind(flushAlerts),
    },
    explain: bind(explain),
    readModel: {
      dags: bind(read.listDags),
      dag: bind(read.showDag),
      nextExecutions: bind(nextExecutions),
      dagDiff: bind(diffDag),
      checkSchedules: bind(checkSchedules),
      importErrors: bind(read.listImportErrors),
      runs: bind(read.listRuns),
      run: bind(read.showRun),
      tries: bind(read.listTries),
      tryErrors: bind(listTryErrors),
      logs: bind(readLogs),
      assets: bind(listAssets),
      pools: bind(read.listPools),
      alerts: bind(read.alertsStatus),
      health: bind(checkHealth),
    },
    close: () => (options.database ? Promise.resolve() : database.close()),
  };
}

/** Without an address the driver would take one of its own choice. */
function open({ databaseUrl: url = "", schema }: ClientOptions): Database {
  if (url === "") throw tidemillError("TIDEMILL_DATABASE_MISSING");
  const name = "tidemill client";
  return new Database({ url, applicationName: name, ...(schema !== undefined && { schema }) });
}
