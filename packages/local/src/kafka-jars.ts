import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import pLimit from "p-limit";

import { localStackError, reasonOf } from "./errors.ts";

/** One line of jars.lock. */
export interface LockedJar {
  readonly sha256: string;
  readonly bytes: number;
  /** Path in a Maven repository. */
  readonly path: string;
}

export interface KafkaJarsOptions {
  readonly cache: string;
  readonly jars: readonly LockedJar[];
  /** Address of a Maven repository, used when Maven is not installed; undefined: there is none. */
  readonly repository: string | undefined;
  readonly maven: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (line: string) => void;
}

const run = promisify(execFile);
export const KAFKA_VERSION = "4.4.0";
const CONCURRENT_DOWNLOADS = 4;
const DOWNLOAD_MS = 60_000;
const MAVEN_MS = 300_000;

const kafkaFolder = new URL("../kafka/", import.meta.url);

/** The options that the environment and the package's own lock file give. */
export async function kafkaJarsOptions(
  env: NodeJS.ProcessEnv = process.env,
): Promise<Pick<KafkaJarsOptions, "cache" | "jars" | "repository" | "maven">> {
  const root = env["TIDEMILL_CACHE"] ?? join(homedir(), ".cache", "tidemill");
  const lock = await readFile(new URL("jars.lock", kafkaFolder), "utf8");
  const repository = env["TIDEMILL_MAVEN_REPOSITORY"];
  const mavenRuns = repository === undefined && (await runsMaven());
  return {
    cache: join(root, `kafka-${KAFKA_VERSION}`),
    jars: parseLock(lock),
    repository: repository?.replace(/\/$/, ""),
    maven: mavenRuns,
  };
}

function parseLock(text: string): LockedJar[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [sha256 = "", bytes = "", path = ""] = line.split(" ");
    return { sha256, bytes: Number(bytes), path };
  });
}

/**
 * Kafka's jars in the cache, each checked against the lock. What is missing is fetched into a draft
 * first, so that a folder in the cache is always whole.
 */
export async function kafkaJars(options: KafkaJarsOptions): Promise<string[]> {
  const there = await readdir(options.cache).catch(() => undefined);
  if (there === undefined) await fetchJars(options);
  await checkJars(options.cache, options.jars);
  return options.jars.map((jar) => join(options.cache, basename(jar.path)));
}

async function fetchJars(options: KafkaJarsOptions): Promise<void> {
  const parent = join(options.cache, "..");
  await mkdir(parent, { recursive: true });
  const draft = await mkdtemp(join(parent, ".kafka-"));
  try {
    if (options.maven) await copyWithMaven(draft, options);
    else await download(draft, options);
    await checkJars(draft, options.jars);
    await rename(draft, options.cache).catch((error: unknown) => {
      // Another process was first; its folder is as good.
      if (!/ENOTEMPTY|EEXIST/.test(reasonOf(error))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function copyWithMaven(folder: string, options: KafkaJarsOptions): Promise<void> {
  options.onProgress(
    `Apache Kafka ${KAFKA_VERSION}: ${String(options.jars.length)} jars through Maven`,
  );
  const pom = fileURLToPath(new URL("pom.xml", kafkaFolder));
  const args = [
    "-q",
    "-B",
    "-f",
    pom,
    "dependency:copy-dependencies",
    `-DoutputDirectory=${folder}`,
  ];
  try {
    await run("mvn", args, { timeout: MAVEN_MS, signal: options.signal });
    await dropUnlocked(folder, options.jars);
  } catch (error) {
    options.signal?.throwIfAborted();
    options.onProgress(
      `Maven did not fetch them (${reasonOf(error).split("\n")[0] ?? ""}); downloading`,
    );
    await download(folder, options);
  }
}

/** Maven brings what a broker of this kind never loads; the lock names what it does. */
async function dropUnlocked(folder: string, jars: readonly LockedJar[]): Promise<void> {
  const names = new Set(jars.map((jar) => basename(jar.path)));
  for (const name of await readdir(folder)) if (!names.has(name)) await rm(join(folder, name));
}

async function download(folder: string, options: KafkaJarsOptions): Promise<void> {
  const { repository } = options;
  if (repository === undefined) {
    const path = options.jars[0]?.path ?? "";
    throw localStackError("TIDEMILL_LOCAL_JAR_MISSING", [path, "", "no repository is named"]);
  }
  options.onProgress(
    `Apache Kafka ${KAFKA_VERSION}: ${String(options.jars.length)} jars from ${repository}`,
  );
  const limit = pLimit(CONCURRENT_DOWNLOADS);
  await limit.map(options.jars, (jar) => downloadJar(folder, jar, { ...options, repository }));
}

async function downloadJar(
  folder: string,
  jar: LockedJar,
  options: KafkaJarsOptions & { readonly repository: string },
): Promise<void> {
  const address = `${options.repository}/${jar.path}`;
  const timeout = AbortSignal.timeout(DOWNLOAD_MS);
  const signal =
    options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const response = await fetch(address, { signal });
    if (!response.ok) throw new Error(`status ${String(response.status)}`);
    await writeFile(join(folder, basename(jar.path)), Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    throw localStackError(
      "TIDEMILL_LOCAL_JAR_MISSING",
      [jar.path, options.repository, reasonOf(error)],
      error,
    );
  }
}

/** Throws unless every jar of the lock is in `folder` with its size and checksum. */
async function checkJars(folder: string, jars: readonly LockedJar[]): Promise<void> {
  for (const jar of jars) await checkJar(join(folder, basename(jar.path)), jar);
}

async function checkJar(path: string, jar: LockedJar): Promise<void> {
  const bytes = await readFile(path).catch(() => undefined);
  const found =
    bytes === undefined
      ? "missing"
      : `${createHash("sha256").update(bytes).digest("hex")}, ${String(bytes.length)} bytes`;
  const expected = `${jar.sha256}, ${String(jar.bytes)} bytes`;
  if (found !== expected)
    throw localStackError("TIDEMILL_LOCAL_JAR_CHANGED", [path, found, expected]);
}

async function runsMaven(): Promise<boolean> {
  return run("mvn", ["--version"]).then(
    () => true,
    () => false,
  );
}
