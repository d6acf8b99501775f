import { Database } from "../store/database.ts";
import {
  type BackfillCancelled,
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
} from "./backfill-verbs.ts";
import {
  type BackfillCreated,
  type BackfillRequest,
  createBackfill,
  type CreateBackfillOptions,
  planBackfillOf,
} from "./backfills.ts";
import { cancelRun } from "./cancel-run.ts";
import { clearTasks } from "./clear-tasks.ts";
import { explain } from "./explain.ts";
import { checkHealth } from "./health.ts";
import { readLogs } from "./logs.ts";
import { markTasks } from "./mark-tasks.ts";
import { nextExecutions } from "./next-execution.ts";
import { setDagPaused } from "./pause-dag.ts";
import * as read from "./read-model.ts";
import type { ChangeOptions, Scope } from "./scope.ts";
import { setPool } from "./set-pool.ts";
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
  readonly trigger: Bound<typeof trigger>;
  readonly cancelRun: Bound<typeof cancelRun>;
  readonly clearTasks: Bound<typeof clearTasks>;
  readonly markTasks: Bound<typeof markTasks>;
  pauseDag(dagId: string, options?: ChangeOptions): Promise<boolean>;
  unpauseDag(dagId: string, options?: ChangeOptions): Promise<boolean>;
  readonly setPool: Bound<typeof setPool>;
  readonly backfill: {
    plan(request: BackfillRequest): ReturnType<typeof planBackfillOf>;
    create(options: CreateBackfillOptions): Promise<BackfillCreated>;
    readonly list: Bound<typeof read.listBackfills>;
    readonly status: Bound<typeof read.showBackfill>;
    readonly pause: Bound<typeof pauseBackfill>;
    readonly resume: Bound<typeof resumeBackfill>;
    cancel(backfillId: string, options?: ChangeOptions): Promise<BackfillCancelled>;
  };
  readonly explain: Bound<typeof explain>;
  readonly readModel: {
    readonly dags: Bound<typeof read.listDags>;
    readonly dag: Bound<typeof read.showDag>;
    readonly nextExecutions: Bound<typeof nextExecutions>;
    readonly importErrors: Bound<typeof read.listImportErrors>;
    readonly runs: Bound<typeof read.listRuns>;
    readonly run: Bound<typeof read.showRun>;
    readonly tries: Bound<typeof read.listTries>;
    readonly logs: Bound<typeof readLogs>;
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
 * @example
 * const client = createClient({ databaseUrl: process.env.TIDEMILL_DATABASE_URL, actor: "shop" });
 * const { runId } = await client.trigger("orders_daily", { params: { region: "eu" } });
 * await client.close();
 */
export function createClient(options: ClientOptions): Client {
  const { databaseUrl = "", database = open(options, databaseUrl), actor } = options;
  const scope: Scope = { database, actor };
  const bind = <A extends readonly unknown[], R>(fn: (scope: Scope, ...rest: A) => R) => {
    return (...rest: A): R => fn(scope, ...rest);
  };
  return {
    trigger: bind(trigger),
    cancelRun: bind(cancelRun),
    clearTasks: bind(clearTasks),
    markTasks: bind(markTasks),
    pauseDag: (dagId, given) => setDagPaused(scope, dagId, true, given),
    unpauseDag: (dagId, given) => setDagPaused(scope, dagId, false, given),
    setPool: bind(setPool),
    backfill: {
      plan: bind(planBackfillOf),
      create: bind(createBackfill),
      list: bind(read.listBackfills),
      status: bind(read.showBackfill),
      pause: bind(pauseBackfill),
      resume: bind(resumeBackfill),
      cancel: bind(cancelBackfill),
    },
    explain: bind(explain),
    readModel: {
      dags: bind(read.listDags),
      dag: bind(read.showDag),
      nextExecutions: bind(nextExecutions),
      importErrors: bind(read.listImportErrors),
      runs: bind(read.listRuns),
      run: bind(read.showRun),
      tries: bind(read.listTries),
      logs: bind(readLogs),
      pools: bind(read.listPools),
      alerts: bind(read.alertsStatus),
      health: bind(checkHealth),
    },
    close: () => (options.database ? Promise.resolve() : database.close()),
  };
}

function open({ schema }: ClientOptions, url: string): Database {
  const name = "tidemill client";
  return new Database({ url, applicationName: name, ...(schema !== undefined && { schema }) });
}
