import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { lockDirectory, type DirectoryLock } from "./directory-lock.ts";
import { localStackError, reasonOf } from "./errors.ts";
import { freePort } from "./ports.ts";
import { endAll, identify } from "./processes.ts";
import { Restarts } from "./restarts.ts";
import {
  SERVICE_IDS,
  type KafkaKind,
  type RunningService,
  type ServiceId,
  type ServiceOptions,
} from "./service.ts";
import { dropData, startOne } from "./start-one.ts";
import { connectionsOf, environmentUri } from "./stack-connections.ts";
import { fileOf, readRecord, stackDirectory, writeRecord } from "./stack-file.ts";
import type { StackAddresses } from "./stack-file.ts";

/** How a local stack is started. Every field is optional. */
export interface StackOptions {
  /** Where data, logs and `stack.json` are kept; `.tidemill` in the current directory by default. */
  readonly directory?: string;
  /** Drops the data of the chosen services before they start; false by default. */
  readonly fresh?: boolean;
  /** Which services to start; all by default. */
  readonly services?: readonly ServiceId[];
  /** Databases to create in Postgres besides `tidemill`. */
  readonly databases?: readonly string[];
  /** Which Kafka to start; `auto` by default: Apache Kafka where Java 17 or newer is found. */
  readonly kafka?: KafkaKind | "auto";
  /**
   * Topics by name with their partitions, for the stand-in of Kafka, which serves consumer groups
   * only on topics that it knew at its start. Apache Kafka takes its topics from clients.
   */
  readonly topics?: Readonly<Record<string, number>>;
  /** Ports to take when they are free; 0 for any. */
  readonly ports?: Readonly<Partial<Record<ServiceId, number>>>;
  /** Settings of the Postgres server on top of the stack's own, such as `{ fsync: "off" }`. */
  readonly postgresSettings?: Readonly<Record<string, string>>;
  /**
   * Starts a service again that ended by itself, on its port and its data, up to 5 times in 10 minutes; true by default.
   */
  readonly restarts?: boolean;
  /** Called with a line for a person at each step, and when a service ends by itself or is started again. */
  readonly onProgress?: (line: string) => void;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
}

/** A running local stack. */
export interface Stack {
  /** The addresses now: they change when a service is started or stopped. */
  readonly addresses: StackAddresses;
  /** The processes of each service, the supervising one first. */
  readonly processIds: Readonly<Partial<Record<ServiceId, readonly number[]>>>;
  /** Stops every service and gives the directory free; later calls wait for the first. */
  stop(): Promise<void>;
  /** Stops a service, if it runs, and starts it on its data and, when it is free, its port. */
  restart(service: ServiceId): Promise<void>;
  stopService(service: ServiceId): Promise<void>;
  startService(service: ServiceId): Promise<void>;
}

const PREFERRED_PORTS: Readonly<Record<ServiceId, number>> = {
  postgres: 55432,
  clickhouse: 58123,
  kafka: 59092,
};

/**
 * Starts real PostgreSQL, ClickHouse and Kafka on this machine, in parallel, on the loopback.
 *
 * Data stays in the directory between starts. A service whose address the environment names
 * (`TIDEMILL_CONN_POSTGRES`, `TIDEMILL_CONN_CLICKHOUSE`, `TIDEMILL_CONN_KAFKA`) is not started.
 * The services end when this process does, whichever way it ends.
 *
 * @throws LocalStackError when another process runs a stack there (`TIDEMILL_LOCAL_STACK_BUSY`)
 *   or a service does not come up (`TIDEMILL_LOCAL_NOT_STARTED`, with the end of its log).
 * @example
 * const stack = await startStack({ databases: ["shop_events"], onProgress: console.log });
 * console.log(stack.addresses.connections["shop_events"]);
 * await stack.stop();
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const services = options.services ?? SERVICE_IDS;
  for (const service of services) checkService(service);
  const directory = stackDirectory(options.directory);
  await makeDirectory(directory);
  const lock = await lockDirectory(directory);
  const stack = new LocalStack(directory, options, lock);
  try {
    await endLeftovers(directory);
    await stack.startAll(services);
    return stack;
  } catch (error) {
    // What hinders the start may hinder the stop too; the first is the one to report.
    await stack.stop().catch(() => undefined);
    throw error;
  }
}

class LocalStack implements Stack {
  readonly #directory: string;
  readonly #options: StackOptions;
  readonly #lock: DirectoryLock;
  readonly #running = new Map<ServiceId, RunningService>();
  readonly #ports = new Map<ServiceId, number>();
  readonly #startedAt = new Date().toISOString();
  readonly #restarts = new Restarts();
  readonly #stopping = new AbortController();
  readonly #turns = new Map<ServiceId, Promise<void>>();
  #writing: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(directory: string, options: StackOptions, lock: DirectoryLock) {
    this.#directory = directory;
    this.#options = options;
    this.#lock = lock;
  }

  get addresses(): StackAddresses {
    return {
      ...connectionsOf(this.#running, this.#options.databases ?? []),
      limits: [...this.#running.values()].flatMap((service) => service.limits),
      pids: this.processIds,
      startedAt: this.#startedAt,
      version: 1,
    };
  }

  get processIds(): Readonly<Partial<Record<ServiceId, readonly number[]>>> {
    const entries = [...this.#running].map(([id, service]) => {
      return [id, service.processIds.map((process) => process.pid)] as const;
    });
    return Object.fromEntries(entries);
  }

  async startAll(services: readonly ServiceId[]): Promise<void> {
    const starts = await Promise.allSettled(services.map((service) => this.startService(service)));
    for (const start of starts) if (start.status === "rejected") throw start.reason;
    await this.#write();
  }

  startService(service: ServiceId): Promise<void> {
    checkService(service);
    return this.#inTurn(service, () => this.#start(service));
  }

  stopService(service: ServiceId): Promise<void> {
    return this.#inTurn(service, () => this.#stop(service));
  }

  restart(service: ServiceId): Promise<void> {
    return this.#inTurn(service, async () => {
      await this.#stop(service);
      await this.#start(service);
    });
  }

  /** One thing at a time with a service: it may be started again by itself while somebody stops it. */
  #inTurn(service: ServiceId, act: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(service) ?? Promise.resolve()).then(act);
    const over = turn.catch(() => undefined);
    this.#turns.set(service, over);
    return turn;
  }

  async #start(service: ServiceId, signal = this.#options.signal): Promise<void> {
    if (this.#running.has(service) || environmentUri(service) !== undefined) return;
    const begun = performance.now();
    if (this.#options.fresh === true && !this.#ports.has(service))
      await dropData[service](this.#directory);
    const given = { ...this.#serviceOptions(service), signal };
    const running = await startOne(service, this.#options, given);
    if (this.#stopped !== undefined) return running.stop();
    this.#running.set(service, running);
    this.#ports.set(service, running.port);
    void running.ended.then(() => this.#revive(service, running));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    this.#say(`${running.title} on 127.0.0.1:${String(running.port)}, ${seconds} s`);
    for (const limit of running.limits) this.#say(limit);
    await this.#write();
  }

  async #stop(service: ServiceId): Promise<void> {
    const running = this.#running.get(service);
    if (running === undefined) return;
    this.#running.delete(service);
    await running.stop();
    // A supervisor that was killed has left its server behind.
    await endAll(running.processIds);
    await this.#write();
  }

  /** Does nothing about a service that was stopped or started again meanwhile. */
  async #revive(service: ServiceId, ended: RunningService): Promise<void> {
    const isOver = (): boolean =>
      this.#options.restarts === false ||
      this.#stopped !== undefined ||
      this.#running.get(service) !== ended;
    while (!isOver()) {
      const waitMs = this.#restarts.next(service, performance.now());
      if (waitMs === undefined) {
        const log = join(this.#directory, "logs", `${service}.log`);
        this.#say(localStackError("TIDEMILL_LOCAL_GIVEN_UP", [ended.title, log]).message);
        return;
      }
      this.#say(`${ended.title} is started again in ${String(waitMs / 1000)} s`);
      await wait(waitMs, undefined, { ref: false });
      await this.#inTurn(service, async () => {
        if (!isOver()) await this.#startAgain(service, ended);
      }).catch((error: unknown) => {
        if (this.#stopped === undefined) this.#say(reasonOf(error));
      });
    }
  }

  async #startAgain(service: ServiceId, ended: RunningService): Promise<void> {
    await endAll(ended.processIds);
    if ((await freePort(ended.port)) !== ended.port) {
      throw localStackError("TIDEMILL_LOCAL_PORT_TAKEN", [ended.title, ended.port]);
    }
    const signals = [
      this.#stopping.signal,
      ...(this.#options.signal ? [this.#options.signal] : []),
    ];
    this.#running.delete(service);
    try {
      await this.#start(service, AbortSignal.any(signals));
    } catch (error) {
      // Still the one that ended, for the next try.
      this.#running.set(service, ended);
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping.abort(new Error("the stack is stopped"));
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    // ClickHouse may be reading from Postgres; the server that is read from goes last.
    try {
      for (const service of ["kafka", "clickhouse", "postgres"] as const)
        await this.stopService(service);
      await this.#writing;
      await rm(fileOf(this.#directory), { force: true });
    } finally {
      await this.#lock.release();
    }
  }

  #serviceOptions(service: ServiceId): ServiceOptions {
    return {
      directory: this.#directory,
      preferredPort:
        this.#ports.get(service) ?? this.#options.ports?.[service] ?? PREFERRED_PORTS[service],
      onProgress: (line) => this.#say(line),
      signal: this.#options.signal,
    };
  }

  #say(line: string): void {
    this.#options.onProgress?.(line);
  }

  #write(): Promise<void> {
    const last = this.#writing.catch(() => undefined);
    this.#writing = last.then(() => {
      const owner = identify(process.pid);
      if (owner === undefined) return undefined;
      const processIds = Object.fromEntries(
        [...this.#running].map(([id, service]) => [id, service.processIds]),
      );
      return writeRecord(this.#directory, { ...this.addresses, owner, processIds });
    });
    return this.#writing;
  }
}

function checkService(service: string): void {
  if ((SERVICE_IDS as readonly string[]).includes(service)) return;
  throw localStackError("TIDEMILL_LOCAL_SERVICE_UNKNOWN", [service, SERVICE_IDS.join(", ")]);
}

async function makeDirectory(directory: string): Promise<void> {
  // Passable by others, listable by none: the account of PostgreSQL goes through it.
  await mkdir(directory, { recursive: true, mode: 0o711 });
  await writeFile(join(directory, ".gitignore"), "*\n");
}

/** Services of a killed parent stop by themselves; those whose supervisor was killed too do not. */
async function endLeftovers(directory: string): Promise<void> {
  await endAll(Object.values(readRecord(directory)?.processIds ?? {}).flat());
}
