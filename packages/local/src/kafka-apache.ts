import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

import { startChild, type Child } from "./child.ts";
import type { CommandServerConfig, CommandServerReady } from "./command-server.ts";
import { localStackError, reasonOf } from "./errors.ts";
import { CLUSTER_ID_BYTES, clusterId, serverProperties } from "./kafka-config.ts";
import { KAFKA_VERSION, kafkaJars, kafkaJarsOptions } from "./kafka-jars.ts";
import { freePort, LOOPBACK } from "./ports.ts";
import { identify } from "./processes.ts";
import type { RunningService, ServiceOptions } from "./service.ts";

export interface Java {
  readonly command: string;
  readonly version: string;
}

const run = promisify(execFile);
const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 25_000;
const BROKER_STOP_MS = 20_000;
const FORMAT_MS = 60_000;
const FLAGS = [
  "-Xmx256m",
  "-Xms64m",
  "-XX:+UseSerialGC",
  "-Xshare:auto",
  "-Djava.awt.headless=true",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
];

/** Starts one Apache Kafka node on its folder of the stack's directory. */
export async function startApacheKafka(
  options: ServiceOptions,
  java: Java,
): Promise<RunningService> {
  const fetching = { ...(await kafkaJarsOptions()), ...options };
  const jars = await kafkaJars(fetching);
  const archive = await classArchive(`${fetching.cache}-java-${java.version}.jsa`);
  const folder = join(options.directory, "kafka");
  const port = await freePort(options.preferredPort);
  const place = { port, controllerPort: await freePort(0), logDirectory: join(folder, "data") };
  const properties = join(folder, "server.properties");
  await mkdir(folder, { recursive: true });
  await writeFile(properties, serverProperties(place));
  const classPath = ["-cp", jars.join(delimiter)];
  await format(options, java, [...archive.use, ...FLAGS, ...classPath], properties);
  const args = [...archive.flags, ...FLAGS, ...classPath, "kafka.Kafka", properties];
  const child = await startBroker(options, java, folder, port, args);
  const broker = identify(child.value.pid);
  return {
    title: `Apache Kafka ${KAFKA_VERSION}`,
    uri: `kafka://${LOOPBACK}:${String(port)}`,
    port,
    processIds: [child.processId, ...(broker === undefined ? [] : [broker])],
    limits: [],
    ended: child.ended,
    stop: async () => {
      await child.stop();
      await archive.keep();
    },
  };
}

function startBroker(
  options: ServiceOptions,
  java: Java,
  directory: string,
  port: number,
  args: readonly string[],
): Promise<Child<CommandServerReady>> {
  return startChild<CommandServerConfig, CommandServerReady>({
    title: "Apache Kafka",
    entry: "command-server",
    config: { command: java.command, args, directory, port, stopMs: BROKER_STOP_MS },
    logFile: logFileOf(options),
    startTimeoutMs: START_TIMEOUT_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    signal: options.signal,
    onEnd: options.onProgress,
  });
}

function logFileOf(options: ServiceOptions): string {
  return join(options.directory, "logs", "kafka.log");
}

interface Ended {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly signal?: string | null;
}

/** A Java that ends by itself says why on one of its outputs; one that is killed says nothing. */
function outputOf(error: unknown): string {
  const { stderr = "", stdout = "", signal } = error as Ended;
  return `${stderr}${stdout}`.trim() || (signal ? `it was ended by ${signal}` : reasonOf(error));
}

async function format(
  options: ServiceOptions,
  java: Java,
  flags: readonly string[],
  properties: string,
): Promise<void> {
  const folder = dirname(properties);
  const done = join(folder, "formatted");
  if (await exists(done)) return;
  await rm(join(folder, "data"), { recursive: true, force: true });
  const cluster = clusterId(randomBytes(CLUSTER_ID_BYTES));
  const tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", properties];
  const ran = run(java.command, [...flags, ...tool], {
    timeout: FORMAT_MS,
    signal: options.signal,
  });
  await ran.catch((error: unknown) => {
    const output = outputOf(error);
    const [reason = ""] = output.split("\n");
    throw localStackError("TIDEMILL_LOCAL_NOT_STARTED", [
      "Apache Kafka",
      reason,
      logFileOf(options),
      output,
    ]);
  });
  await writeFile(done, `${cluster}\n`);
}

/**
 * The classes of an earlier run, laid out for this Java: a start takes half the time. The first
 * clean stop writes them.
 */
async function classArchive(
  path: string,
): Promise<{ use: readonly string[]; flags: readonly string[]; keep: () => Promise<void> }> {
  const use = [`-XX:SharedArchiveFile=${path}`];
  if (await exists(path)) return { use, flags: use, keep: () => Promise.resolve() };
  const draft = `${path}.${String(process.pid)}`;
  const keep = async (): Promise<void> => {
    if (await exists(draft)) await rename(draft, path);
    await rm(draft, { force: true });
  };
  return { use: [], flags: [`-XX:ArchiveClassesAtExit=${draft}`], keep };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
