import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { dropClickHouse, startClickHouse } from "./clickhouse.ts";
import { lockDirectory, type DirectoryLock } from "./directory-lock.ts";
import { localStackError } from "./errors.ts";
import { dropKafka, startKafka } from "./kafka.ts";
import { databaseUri, dropPostgres, startPostgres } from "./postgres.ts";
import { endProcess, identify, type ProcessId } from "./processes.ts";
import {
  SERVICE_IDS,
  type KafkaKind,
  type RunningService,
  type ServiceId,
  type ServiceOptions,
} from "./service.ts";
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
  /** Called with a line for a person at each step, and when a service ends by itself. */
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
const LEFTOVER_STOP_MS = 20_000;

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
    await stack.stop();
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

  async startService(service: ServiceId): Promise<void> {
    checkService(service);
    if (this.#running.has(service) || environmentUri(service) !== undefined) return;
    const begun = performance.now();
    if (this.#options.fresh === true && !this.#ports.has(service))
      await DROP[service](this.#directory);
    const running = await start(service, this.#options, this.#serviceOptions(service));
    if (this.#stopped !== undefined) return running.stop();
    this.#running.set(service, running);
    this.#ports.set(service, running.port);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    this.#say(`${running.title} on 127.0.0.1:${String(running.port)}, ${seconds} s`);
    for (const limit of running.limits) this.#say(limit);
    await this.#write();
  }

  async stopService(service: ServiceId): Promise<void> {
    const running = this.#running.get(service);
    if (running === undefined) return;
    this.#running.delete(service);
    await running.stop();
    // A supervisor that was killed has left its server behind.
    await endAll(running.processIds);
    await this.#write();
  }

  async restart(service: ServiceId): Promise<void> {
    await this.stopService(service);
    await this.startService(service);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    // ClickHouse may be reading from Postgres; the server that is read from goes last.
    for (const service of ["kafka", "clickhouse", "postgres"] as const)
      await this.stopService(service);
    await this.#writing;
    await rm(fileOf(this.#directory), { force: true });
    await this.#lock.release();
  }

  #serviceOptions(service: ServiceId): ServiceOptions {
    return {
      directory: this.#directory,
      preferredPort:
        this.#ports.get(service) ?? this.#options.ports?.[service] ?? PREFERRED_PORTS[service],
      onProgress: (line) => {
        this.#say(line);
      },
      signal: this.#options.signal,
    };
  }

  #say(line: string): void {
    this.#options.onProgress?.(line);
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => {
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

async function start(
  service: ServiceId,
  options: StackOptions,
  given: ServiceOptions,
): Promise<RunningService> {
  const settings = options.postgresSettings ?? {};
  switch (service) {
    case "postgres":
      return startPostgres({ ...given, databases: options.databases ?? [], settings });
    case "clickhouse":
      return startClickHouse(given);
    case "kafka":
      return startKafka({ ...given, kind: options.kafka ?? "auto", topics: options.topics ?? {} });
  }
}

const DROP: Readonly<Record<ServiceId, (directory: string) => Promise<void>>> = {
  postgres: dropPostgres,
  clickhouse: dropClickHouse,
  kafka: dropKafka,
};

function connectionsOf(
  running: ReadonlyMap<ServiceId, RunningService>,
  databases: readonly string[],
): Pick<StackAddresses, "databaseUrl" | "connections" | "kafkaKind"> {
  const connections: Record<string, string> = {};
  for (const service of SERVICE_IDS) {
    const uri = environmentUri(service) ?? running.get(service)?.uri;
    if (uri !== undefined) connections[service] = uri;
  }
  const server = connections["postgres"];
  for (const name of databases) {
    const uri = environmentUri(name) ?? (server === undefined ? server : databaseUri(server, name));
    if (uri !== undefined) connections[name] = uri;
  }
  const kafka = running.get("kafka");
  // Brokers that the environment names are real ones.
  const given = connections["kafka"] === undefined ? undefined : "apache";
  const kafkaKind = kafka === undefined ? given : kafka.kafkaKind;
  const databaseUrl = variable("TIDEMILL_DATABASE_URL") ?? server ?? "";
  return { databaseUrl, connections, kafkaKind };
}

function environmentUri(id: string): string | undefined {
  return variable(`TIDEMILL_CONN_${id.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`);
}

/** A variable, or what the file holds that `<name>_FILE` names; one that is set to nothing is not set. */
function variable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  if (value) return value;
  const file = process.env[`${name}_FILE`];
  return file ? readFileSync(file, "utf8").trim() || undefined : undefined;
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

async function endAll(ids: readonly ProcessId[]): Promise<void> {
  // Postgres waits for its clients on SIGTERM; SIGINT ends their sessions, as Java ends too.
  await Promise.all(ids.map((id) => endProcess(id, "SIGINT", LEFTOVER_STOP_MS)));
}
