import { routingOf } from "../alerts/channels.ts";
import { AlertSender } from "../alerts/sender.ts";
import { AlertWatch } from "../alerts/watch.ts";
import { carryOutRequests } from "../client/requests.ts";
import type { Dag } from "../definition/dag.ts";
import { Dispatcher } from "../executor/dispatcher.ts";
import type { DispatcherOptions } from "../executor/dispatcher-options.ts";
import type { Executor, ExecutorReports } from "../executor/executor.ts";
import { InlineExecutor } from "../executor/inline-executor.ts";
import { LogWriter } from "../executor/log-writer.ts";
import { outcomeMask } from "../executor/mask-outcome.ts";
import { RunnerPool } from "../executor/runner-pool.ts";
import type { Config } from "../kernel/config.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import { userVariables } from "../kernel/user-environment.ts";
import type { Advanced } from "../scheduler/advance-runs.ts";
import { LeftRuns } from "../scheduler/left-runs.ts";
import { RunCache } from "../scheduler/run-cache.ts";
import { DatabaseClock } from "../scheduler/database-clock.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import { alertStore } from "../store/alert.ts";
import type { Database } from "../store/database.ts";
import { WakeChannel } from "../store/wake-channel.ts";
import { FailureRecord } from "./failure-record.ts";
import { Maintenance } from "./maintenance.ts";
import { ProcessLease } from "./process-lease.ts";
import { Reconciler } from "./reconciler.ts";
import { version } from "./version.ts";

export interface ServicesOptions {
  readonly config: Config;
  readonly role: "scheduler" | "worker";
  readonly schedules: boolean;
  /** Run in this process, instead of the DAG files in processes of their own. */
  readonly dags?: readonly Dag[] | undefined;
  readonly database: Database;
  readonly bus: EventBus;
  readonly redactor: Redactor;
  readonly installationId: string;
  readonly reports: ExecutorReports;
  readonly onAdvanced: (advanced: Advanced) => void;
  readonly onWake: (payload: string) => void;
  readonly onLeaseLost: () => void;
}

const stopGraceMs = 5_000;

/** The parts of a scheduler or worker. A worker builds those of a scheduler too and leaves them still. */
export interface Services {
  readonly executor: Executor;
  readonly dispatcher: Dispatcher;
  readonly left: LeftRuns;
  readonly lease: ProcessLease;
  readonly scheduler: Scheduler;
  readonly reconciler: Reconciler;
  readonly logWriter: LogWriter;
  readonly wakeChannel: WakeChannel;
  readonly sender: AlertSender;
  /** What of these starts: in every scheduler, and in a worker that has to tell that the last scheduler is gone. */
  readonly alerting: readonly (AlertSender | AlertWatch)[];
  readonly alertWatch: AlertWatch;
  readonly maintenance: Maintenance;
  readonly failureRecord: FailureRecord;
}

/** Constructs the services of an engine and joins them; nothing runs yet. */
export function buildServices(options: ServicesOptions): Services {
  const { config, database, bus, redactor } = options;
  const cache = new RunCache();
  const clock = new DatabaseClock();
  const executor = buildExecutor(options);
  const left = new LeftRuns();
  const dispatcher = new Dispatcher({
    database,
    cache,
    clock,
    bus,
    executor,
    left,
    maxInfraRetries: config.infraRetries,
    parallelism: config.parallelism,
    backfillShare: config.backfillShare,
    graceMs: stopGraceMs,
    mask: outcomeMask(config.namedSecrets(), redactor),
    onAdvanced: options.onAdvanced,
    onSlotsFree: () => scheduler.slotsFreed(),
  });
  const scheduler = buildScheduler(options, { cache, clock, dispatcher });
  const lease = buildLease(options);
  const sender = buildSender(options);
  const alertWatch = buildAlertWatch(options, sender);
  const isAlerting =
    options.role === "scheduler" || config.alertProcessLost || config.alertLagMs !== undefined;
  return {
    executor,
    dispatcher,
    left,
    lease,
    scheduler,
    reconciler: new Reconciler({ database, dispatcher, lease, bus, everyMs: config.heartbeatMs }),
    logWriter: new LogWriter({ database, redactor, bus }),
    wakeChannel: buildWakeChannel(options),
    sender,
    alertWatch,
    alerting: isAlerting ? [sender, alertWatch] : [],
    maintenance: buildMaintenance(options),
    failureRecord: new FailureRecord({
      database,
      bus,
      redactor,
      actor: () => `${options.role} ${lease.processId}`,
    }),
  };
}

function buildExecutor(options: ServicesOptions): Executor {
  const { config, dags, installationId, redactor, reports } = options;
  if (dags) {
    const env = { ...process.env, ...userVariables(config) };
    const concurrency = config.runnerConcurrency;
    return new InlineExecutor({ dags, reports, installationId, env, concurrency });
  }
  return new RunnerPool({
    dagsFolder: config.dagsFolder,
    installationId,
    runners: config.runners,
    concurrency: config.runnerConcurrency,
    ...(config.runnerHeapMb !== undefined && { heapLimitMb: config.runnerHeapMb }),
    env: userVariables(config),
    outputLimitBytes: config.xcomLimitBytes,
    redact: (text) => redactor.redact(text),
    onSlowImport: (file, afterMs) => options.bus.emit("dag.import_slow", { file, afterMs }),
    reports,
  });
}

/** Attempts that this process takes on at once. */
function placesOf({ config, dags }: ServicesOptions): number {
  const { runners, runnerConcurrency, parallelism = Infinity } = config;
  return Math.min(parallelism, (dags ? 1 : runners) * runnerConcurrency);
}

function buildLease(options: ServicesOptions): ProcessLease {
  const { config, database, role, onLeaseLost } = options;
  return new ProcessLease({
    database,
    kind: role,
    version,
    capacity: placesOf(options),
    heartbeatMs: config.heartbeatMs,
    leaseMs: config.leaseMs,
    onLost: onLeaseLost,
  });
}

function buildScheduler(
  { config, schedules, database, bus, onAdvanced }: ServicesOptions,
  {
    cache,
    clock,
    dispatcher,
  }: Pick<DispatcherOptions, "cache" | "clock"> & {
    readonly dispatcher: Dispatcher;
  },
): Scheduler {
  return new Scheduler({
    database,
    cache,
    clock,
    bus,
    tickMs: config.tickMs,
    leaseMs: config.leaseMs,
    maxInfraRetries: config.infraRetries,
    createsRuns: schedules,
    lend: (fn) => dispatcher.lend(fn),
    carryOutRequests: () => carryOutRequests(database, bus),
    onAdvanced: async (advanced) => {
      await dispatcher.handOver(advanced);
      onAdvanced(advanced);
    },
  });
}

function buildWakeChannel({ database, bus, onWake }: ServicesOptions): WakeChannel {
  return new WakeChannel({
    database,
    onWake,
    onLost: (error) => bus.emit("database.lost", { error: error.message }),
    onRecovered: () => {
      bus.emit("database.recovered", {});
      // Whatever was told meanwhile was not heard.
      onWake("pools");
    },
  });
}

function buildSender({ config, database, bus, redactor }: ServicesOptions): AlertSender {
  return new AlertSender({
    store: alertStore(database),
    routing: routingOf(config, { bus, redactor }),
    bus,
    redactor,
    graceMs: config.alertGraceMs,
    windowMs: config.alertWindowMs,
    repeatMs: config.alertRepeatMs,
  });
}

function buildAlertWatch(
  { config, database, bus }: ServicesOptions,
  sender: AlertSender,
): AlertWatch {
  return new AlertWatch({
    database,
    bus,
    lagMs: config.alertLagMs,
    lostAfterMs: config.alertProcessLost ? config.leaseMs : undefined,
    onRaised: () => sender.wake(),
  });
}

function buildMaintenance({ config, database, bus }: ServicesOptions): Maintenance {
  return new Maintenance({
    database,
    bus,
    logDays: config.logRetentionDays,
    eventDays: config.eventRetentionDays,
    runDays: config.runRetentionDays,
  });
}
