import { AlertSender } from "../alerts/sender.ts";
import { channelsOf } from "../alerts/channels.ts";
import { Dispatcher } from "../executor/dispatcher.ts";
import type { ExecutorReports, LoadedDags } from "../executor/executor.ts";
import { LogWriter } from "../executor/log-writer.ts";
import { RunnerPool } from "../executor/runner-pool.ts";
import { type Config, connectionVariable } from "../kernel/config.ts";
import { tidemillError, toError } from "../kernel/errors.ts";
import { EventBus } from "../kernel/events.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";
import type { Advanced } from "../scheduler/advance-runs.ts";
import { registerDags } from "../scheduler/register-dags.ts";
import { RunCache } from "../scheduler/run-cache.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import { alertStore } from "../store/alert.ts";
import { dagMakeDue } from "../store/dag.ts";
import { Database } from "../store/database.ts";
import { migrate, requireSchema } from "../store/migrate.ts";
import { installationId } from "../store/process.ts";
import { taskStateRead } from "../store/task-log.ts";
import { WakeChannel } from "../store/wake-channel.ts";
import { Maintenance } from "./maintenance.ts";
import { ProcessLease } from "./process-lease.ts";
import { Reconciler } from "./reconciler.ts";
import { version } from "./version.ts";

export interface EngineOptions {
  readonly config: Config;
  /** A scheduler creates and advances runs and executes; a worker only executes. */
  readonly role: "scheduler" | "worker";
  /** Brings the schema up to date at the start. Defaults to true for a scheduler, false for a worker. */
  readonly migrates?: boolean;
  /** Where the engine tells what happens. Defaults to a bus of its own. */
  readonly events?: EventBus;
}

/** A scheduler or worker in this process. */
export interface Engine {
  readonly events: EventBus;
  /** Loads the DAGs, registers, and goes to work. @returns what was loaded */
  start(): Promise<LoadedDags>;
  /** Claims nothing more, waits for what runs, hands back what does not end in time. Idempotent. */
  stop(): Promise<void>;
  /** Loads the newest code; attempts under way end on the old one. */
  reload(): Promise<LoadedDags>;
}

/**
 * Builds the engine; the only place that constructs its services.
 *
 * @throws TidemillError `TIDEMILL_DATABASE_MISSING`
 * @example
 * const engine = createEngine({ config: loadConfig(), role: "scheduler" });
 * await engine.start();
 */
export function createEngine(options: EngineOptions): Engine {
  const url = options.config.databaseUrl?.reveal();
  if (url === undefined) throw tidemillError("TIDEMILL_DATABASE_MISSING");
  return new LocalEngine(options, url);
}

const connections = 10;

class LocalEngine implements Engine {
  readonly events: EventBus;
  readonly #options: EngineOptions;
  readonly #database: Database;
  readonly #redactor: Redactor;
  readonly #cache = new RunCache();
  #services: Services | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: EngineOptions, url: string) {
    this.#options = options;
    this.events = options.events ?? new EventBus();
    this.#redactor = createRedactor(options.config.secrets());
    this.#database = new Database({
      url,
      schema: options.config.schema,
      connections,
      applicationName: `tidemill ${options.role}`,
    });
  }

  async start(): Promise<LoadedDags> {
    await this.#prepare();
    const services = this.#build(await installationId(this.#database));
    this.#services = services;
    const loaded = await services.pool.start();
    await this.#register(loaded);
    services.dispatcher.processId = await services.lease.acquire();
    await services.wakeChannel.start();
    services.reconciler.start();
    if (this.#options.role === "scheduler") {
      services.scheduler.start();
      services.sender.start();
      services.maintenance.start();
    }
    services.dispatcher.wake();
    const { processId } = services.lease;
    this.events.emit(`${this.#options.role}.started`, { processId });
    return loaded;
  }

  async reload(): Promise<LoadedDags> {
    if (!this.#services) throw new Error("The engine was not started");
    return this.#services.pool.reload();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #prepare(): Promise<void> {
    await this.#database.ping();
    const migrates = this.#options.migrates ?? this.#options.role === "scheduler";
    if (migrates) await migrate(this.#database);
    else await requireSchema(this.#database);
  }

  async #register(loaded: LoadedDags): Promise<void> {
    for (const { file, message } of loaded.failures) {
      this.events.emit("dag.import_failed", { file, error: message });
    }
    if (this.#options.role === "worker") return;
    const { pausedAtCreation } = this.#options.config;
    await registerDags(this.#database, { ...loaded, pausedAtCreation });
    for (const { manifest, hash } of loaded.dags) {
      this.events.emit("dag.registered", { dagId: manifest.dagId, versionHash: hash });
    }
  }

  #build(installation: string): Services {
    const { config, role } = this.#options;
    const bus = this.events;
    const database = this.#database;
    const cache = this.#cache;
    const redactor = this.#redactor;
    const pool = new RunnerPool({
      dagsFolder: config.dagsFolder,
      installationId: installation,
      runners: config.runners,
      concurrency: config.runnerConcurrency,
      env: runnerEnvironment(config),
      outputLimitBytes: config.xcomLimitBytes,
      redact: (text) => redactor.redact(text),
      reports: this.#reports(),
    });
    const dispatcher = new Dispatcher({
      database,
      cache,
      bus,
      executor: pool,
      maxInfraRetries: config.infraRetries,
      parallelism: config.parallelism,
      graceMs: stopGraceMs,
      onAdvanced: (advanced) => this.#advanced(advanced),
    });
    const lease = new ProcessLease({
      database,
      kind: role,
      version,
      capacity: config.runners * config.runnerConcurrency,
      heartbeatMs: config.heartbeatMs,
      leaseMs: config.leaseMs,
      onLost: () => void this.#leaseLost(),
    });
    const scheduler = new Scheduler({
      database,
      cache,
      bus,
      tickMs: config.tickMs,
      leaseMs: config.leaseMs,
      maxInfraRetries: config.infraRetries,
      claims: () => ({ slots: dispatcher.slots, processId: lease.processId }),
      onAdvanced: (advanced) => {
        void dispatcher.handOver(advanced);
        this.#advanced(advanced);
      },
    });
    return {
      pool,
      dispatcher,
      lease,
      scheduler,
      reconciler: new Reconciler({ database, dispatcher, lease, bus, everyMs: config.heartbeatMs }),
      logWriter: new LogWriter({ database, redactor, bus }),
      wakeChannel: this.#wakeChannel(),
      sender: new AlertSender({
        store: alertStore(database),
        channels: channelsOf(config, { bus, redactor }),
        bus,
        redactor,
        graceMs: config.alertGraceMs,
      }),
      maintenance: new Maintenance({
        database,
        bus,
        logDays: config.logRetentionDays,
        eventDays: config.eventRetentionDays,
        runDays: config.runRetentionDays,
      }),
    };
  }

  #wakeChannel(): WakeChannel {
    return new WakeChannel({
      database: this.#database,
      onWake: (payload) => this.#woken(payload),
      onLost: (error) => this.events.emit("database.lost", { error: error.message }),
      onRecovered: () => {
        this.events.emit("database.recovered", {});
        this.#woken("");
      },
    });
  }

  #reports(): ExecutorReports {
    return {
      started: (id, at) => this.#services?.dispatcher.started(id, at),
      finished: (id, outcome, at) => this.#services?.dispatcher.finished(id, outcome, at),
      logged: (id, lines) => {
        const [taskInstanceId = "", , tryNumber] = id.split("-");
        this.#services?.logWriter.write(taskInstanceId, Number(tryNumber), lines);
      },
      readState: (id, key) => this.#readState(id, key),
      loaded: (loaded) => {
        this.#register(loaded).then(
          () => this.#woken(""),
          (error: unknown) =>
            this.events.emit("scheduler.tick_failed", { error: toError(error).message }),
        );
      },
    };
  }

  async #readState(id: string, key: string): Promise<string | undefined> {
    const input = this.#services?.dispatcher.find(id)?.input;
    if (!input) return undefined;
    const { dagId, taskId, mapIndex } = input;
    return taskStateRead(this.#database, { dagId, taskId, mapIndex, key });
  }

  #woken(payload: string): void {
    this.#services?.scheduler.wake();
    this.#services?.dispatcher.wake();
    if (payload === "cancel") void this.#services?.reconciler.look();
  }

  /** After a commit: what it left for others, and for the other parts of this process. */
  #advanced({ hop }: Advanced): void {
    const { services } = { services: this.#services };
    if (!services) return;
    if (hop.ended.some((ended) => ended.record?.state === "failed") || hop.endedRuns.length > 0) {
      services.sender.wake();
    }
    if (hop.readied.length > 0) {
      services.dispatcher.wake();
      services.wakeChannel.notify();
    }
    if (hop.endedRuns.length > 0) void this.#runsEnded(hop);
  }

  /** A run that ended leaves its slot to the next: one that waits, or one that the schedule held back. */
  async #runsEnded(hop: Advanced["hop"]): Promise<void> {
    const scheduled = hop.endedRuns
      .filter(({ entry }) => entry.state.graph.manifest.schedule.kind !== "none")
      .map(({ entry }) => entry.facts.dag_id);
    try {
      if (scheduled.length > 0) await dagMakeDue(this.#database, [...new Set(scheduled)]);
    } catch (error) {
      this.events.emit("scheduler.tick_failed", { error: toError(error).message });
    }
    this.#services?.scheduler.wake();
    if (this.#options.role === "worker") this.#services?.wakeChannel.notify();
  }

  async #leaseLost(): Promise<void> {
    const services = this.#services;
    if (!services || this.#stopping) return;
    this.events.emit("process.lost", { processId: services.lease.processId });
    await services.lease.drop();
    await services.dispatcher.abort(services.pool.list());
    await this.#reacquire(services);
  }

  async #reacquire(services: Services): Promise<void> {
    while (!this.#stopping) {
      try {
        services.dispatcher.processId = await services.lease.acquire();
        return;
      } catch (error) {
        this.events.emit("database.lost", { error: toError(error).message });
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }

  async #stop(): Promise<void> {
    const services = this.#services;
    if (services) await this.#stopServices(services);
    await this.#database.close();
    this.events.emit(`${this.#options.role}.stopped`, {
      processId: services?.lease.processId ?? "",
    });
  }

  async #stopServices(services: Services): Promise<void> {
    await services.scheduler.stop();
    services.dispatcher.drain();
    await services.dispatcher.idle(this.#options.config.drainMs);
    services.reconciler.stop();
    await services.pool.close();
    await services.dispatcher.settled();
    await services.logWriter.stop();
    await services.sender.stop();
    await services.maintenance.stop();
    await services.wakeChannel.stop();
    await services.lease.release();
  }
}

const stopGraceMs = 5_000;

interface Services {
  readonly pool: RunnerPool;
  readonly dispatcher: Dispatcher;
  readonly lease: ProcessLease;
  readonly scheduler: Scheduler;
  readonly reconciler: Reconciler;
  readonly logWriter: LogWriter;
  readonly wakeChannel: WakeChannel;
  readonly sender: AlertSender;
  readonly maintenance: Maintenance;
}

/** What runners know of the outside: the addresses of connections. */
function runnerEnvironment({ connections: known }: Config): Readonly<Record<string, string>> {
  return Object.fromEntries(
    known.ids().map((id) => [connectionVariable(id), known.get(id)?.reveal() ?? ""]),
  );
}
