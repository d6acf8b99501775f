import { settledWithin } from "../context/settled-within.ts";
import type { Dag } from "../definition/dag.ts";
import type { ExecutorReports, LoadedDags } from "../executor/executor.ts";
import type { Config } from "../kernel/config.ts";
import { tidemillError, type TidemillError, toError } from "../kernel/errors.ts";
import { EventBus } from "../kernel/events.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";
import type { Advanced } from "../scheduler/advance-runs.ts";
import { dagMakeDue, partitionEnsure } from "../store/dag.ts";
import { Database } from "../store/database.ts";
import { limitInstallation } from "../store/limit.ts";
import { migrate, requireSchema } from "../store/migrate.ts";
import { installationId } from "../store/process.ts";
import { taskStateRead } from "../store/task-log.ts";
import { wakeAfter } from "./after-commit.ts";
import { Registration } from "./registration.ts";
import { buildServices, type Services } from "./services.ts";

export interface EngineOptions {
  readonly config: Config;
  /** A scheduler creates and advances runs and executes; a worker only executes. */
  readonly role: "scheduler" | "worker";
  /** Brings the schema up to date at the start. Defaults to true for a scheduler, false for a worker. */
  readonly migrates?: boolean;
  /** Whether a scheduler creates the runs that schedules ask for. Defaults to true; see `startSchedules`. */
  readonly schedules?: boolean;
  /**
   * Runs these DAGs in this process, for an application that embeds the engine or a test of one. Nothing protects the
   * process from their code. Defaults to the files of the DAGs folder, each task in a process of its own.
   */
  readonly dags?: readonly Dag[];
  /** Where the engine tells what happens. Defaults to a bus of its own. */
  readonly events?: EventBus;
}

/** A scheduler or worker in this process. */
export interface Engine {
  readonly events: EventBus;
  /** Loads the DAGs, registers, and goes to work. @returns what was loaded @throws TidemillError when it cannot */
  start(): Promise<LoadedDags>;
  /** Claims nothing more, waits for what runs, hands back what does not end in time. Idempotent. */
  stop(): Promise<void>;
  /** Begins to create the runs that schedules ask for, where the options said not to. */
  startSchedules(): void;
  /** Loads the newest code; attempts under way end on the old one. @throws TidemillError for DAGs given as values */
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
/** A database that is only slow is waited for at least so long, however short the lease. */
const leastAnswerMs = 5_000;
const retryMs = 1_000;
/** Time that each part has to end, once nothing runs any more. */
const stepMs = 10_000;

const refused = (state: string, remedy: string): TidemillError =>
  tidemillError("TIDEMILL_STATE_REFUSED", { subject: "The engine", state, remedy });

class LocalEngine implements Engine {
  readonly events: EventBus;
  readonly #options: EngineOptions;
  readonly #database: Database;
  readonly #redactor: Redactor;
  readonly #registration: Registration;
  #services: Services | undefined;
  #starting: Promise<LoadedDags> | undefined;
  #hasStarted = false;
  #stopping: Promise<void> | undefined;
  #reacquiring: Promise<void> | undefined;

  constructor(options: EngineOptions, url: string) {
    this.#options = options;
    this.events = options.events ?? new EventBus();
    this.#redactor = createRedactor(options.config.secrets());
    this.#database = new Database({
      url,
      schema: options.config.schema,
      connections,
      applicationName: `tidemill ${options.role}`,
      findsByKey: true,
      answerTimeoutMs: Math.max(leastAnswerMs, options.config.leaseMs),
    });
    this.#registration = new Registration({
      database: this.#database,
      bus: this.events,
      role: options.role,
      pausedAtCreation: options.config.pausedAtCreation,
      onRegistered: () => this.#woken(""),
    });
  }

  start(): Promise<LoadedDags> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<LoadedDags> {
    await this.#prepare();
    const services = this.#build(await installationId(this.#database));
    this.#goOn();
    this.#services = services;
    services.failureRecord.start();
    const found = await services.executor.start();
    this.#goOn();
    services.left.unloaded.loaded(found);
    const loaded = await this.#registration.register(found);
    services.dispatcher.processId = await services.lease.acquire();
    await services.wakeChannel.start();
    this.#goOn();
    services.reconciler.start();
    if (this.#options.role === "scheduler") {
      // A month without a partition would fill the default one, which then stands in its way.
      await partitionEnsure(this.#database);
      await limitInstallation(this.#database, this.#options.config.installationParallelism);
      services.scheduler.start();
      services.maintenance.start();
    }
    for (const service of services.alerting) service.start();
    services.dispatcher.start(this.#options.config.pollMs);
    this.#hasStarted = true;
    const { processId } = services.lease;
    this.events.emit(`${this.#options.role}.started`, { processId });
    return loaded;
  }

  /** A stop may come while the start is still under way. */
  #goOn(): void {
    if (this.#stopping) throw refused("stopped", "make another one and start that");
  }

  startSchedules(): void {
    this.#services?.scheduler.startSchedules();
  }

  async reload(): Promise<LoadedDags> {
    const executor = this.#services?.executor;
    if (!executor) throw refused("not started", "call start() first");
    if (!executor.reload)
      throw refused("given its DAGs as values", "make another one for new ones");
    return executor.reload();
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

  #build(installation: string): Services {
    const { config, role } = this.#options;
    return buildServices({
      config,
      role,
      schedules: this.#options.schedules ?? true,
      dags: this.#options.dags,
      database: this.#database,
      bus: this.events,
      redactor: this.#redactor,
      installationId: installation,
      reports: this.#reports(),
      onAdvanced: (advanced) => this.#advanced(advanced),
      onWake: (payload) => this.#woken(payload),
      onLeaseLost: () => this.#leaseLost(),
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
        this.#services?.left.unloaded.loaded(loaded);
        this.#registration.renew(loaded);
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
    // What a run that starts has ready is started with it, or told of.
    if (payload === "queued") return this.#services?.scheduler.wakeToStartRuns();
    if (payload !== "ready" && payload !== "backfill") this.#services?.scheduler.wake();
    this.#services?.dispatcher.wake(payload !== "backfill");
    if (payload === "pools") this.#registration.poolsChanged();
    if (payload === "cancel") void this.#services?.reconciler.look();
  }

  /** After a commit: what it left for others, and for the other parts of this process. */
  #advanced({ hop }: Advanced): void {
    if (!this.#services) return;
    wakeAfter(this.#services, hop, this.#options.role);
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
    if (scheduled.length > 0) this.#services?.scheduler.wake();
    else this.#services?.scheduler.runEnded();
    if (this.#options.role === "worker") this.#services?.wakeChannel.notify();
  }

  /** Starts nothing more in the name that is lost, ends what runs in it, and registers under another one. */
  #leaseLost(): void {
    const services = this.#services;
    if (!services || this.#stopping) return;
    this.events.emit("process.lost", { processId: services.lease.processId });
    services.dispatcher.processId = undefined;
    const ended = services.dispatcher.abort(services.executor.list());
    this.#reacquiring = this.#reacquire(services, ended);
  }

  /** Not before the last attempt has ended: another copy of it must not begin beside it. */
  async #reacquire(services: Services, ended: Promise<void>): Promise<void> {
    await Promise.all([services.lease.drop(), ended]);
    while (!this.#stopping) {
      try {
        services.dispatcher.processId = await services.lease.acquire();
        return;
      } catch (error) {
        this.events.emit("database.lost", { error: toError(error).message });
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  async #stop(): Promise<void> {
    const services = this.#services;
    // A start that waits for the runners ends with them; until then nothing else may be taken down.
    if (services && !this.#hasStarted) await this.#step(services.executor.close());
    await this.#starting?.catch(() => undefined);
    if (this.#services) await this.#stopServices(this.#services);
    await this.#step(this.#database.close());
    const { processId = "" } = this.#services?.lease ?? {};
    this.events.emit(`${this.#options.role}.stopped`, { processId });
  }

  async #stopServices(services: Services): Promise<void> {
    await this.#step(this.#registration.stop());
    await this.#step(services.scheduler.stop());
    services.dispatcher.drain();
    await services.dispatcher.idle(this.#options.config.drainMs);
    services.reconciler.stop();
    await services.executor.close();
    await this.#step(services.dispatcher.settled());
    await this.#step(services.logWriter.stop());
    await this.#step(services.alertWatch.stop());
    await this.#step(services.sender.stop());
    await this.#step(services.maintenance.stop());
    await this.#step(services.wakeChannel.stop());
    await this.#step(this.#reacquiring);
    await this.#step(services.failureRecord.stop());
    await this.#step(services.lease.release());
  }

  /** A database that is away must not keep a process from ending; what it did not learn is rescued by others. */
  async #step(done: Promise<void> | undefined): Promise<void> {
    const problem = done && (await settledWithin(done, stepMs));
    if (problem !== undefined) this.events.emit("database.lost", { error: problem });
  }
}
