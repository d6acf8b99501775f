import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import type { ChildReply, ChildRequest } from "./child-protocol.ts";
import { localStackError, reasonOf } from "./errors.ts";
import { endProcess, identify, signalProcess, waitForEnd, type ProcessId } from "./processes.ts";

export interface ChildOptions<C> {
  /** How the service is named to a person: "PostgreSQL". */
  readonly title: string;
  /** Name of the entry file beside this one, without extension. */
  readonly entry: string;
  readonly config: C;
  readonly logFile: string;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  /** Command put in front of Node, for a process that needs other rights. */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onEnd?: (reason: string) => void;
}

export interface Child<V> {
  readonly value: V;
  readonly processId: ProcessId;
  /** How it ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const TAIL_LINES = 12;
const MAX_LOG_BYTES = 10 * 1024 * 1024;
const GROUP_STOP_MS = 3000;
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Starts an entry file as a process of its own, and waits until it says that it is ready. */
export async function startChild<C, V>(options: ChildOptions<C>): Promise<Child<V>> {
  const child = await spawnEntry(options);
  const end = once(child, "exit").then(([code, signal]) =>
    ending(code as number | null, signal as string | null),
  );
  try {
    const value = await firstReply<V>(child, end, options);
    const processId = identify(child.pid ?? 0);
    if (processId === undefined) throw new Error(await end);
    return keep(child, end, value, processId, options);
  } catch (error) {
    await endGroup(child);
    options.signal?.throwIfAborted();
    const reason = reasonOf(error);
    const tail = await tailOf(options.logFile);
    const args = [options.title, reason, options.logFile, tail] as const;
    throw localStackError("TIDEMILL_LOCAL_NOT_STARTED", [...args], error);
  }
}

async function spawnEntry<C>(options: ChildOptions<C>): Promise<ChildProcess> {
  await mkdir(dirname(options.logFile), { recursive: true });
  await setAside(options.logFile);
  const log = await open(options.logFile, "a", 0o600);
  const entry = fileURLToPath(new URL(`./${options.entry}.${extension}`, import.meta.url));
  const command = [...(options.prefix ?? []), process.execPath, "--no-warnings", entry];
  try {
    return spawn(command[0] ?? process.execPath, command.slice(1), {
      // A group of its own: Ctrl-C must reach the parent alone, which stops its services last.
      detached: true,
      env: { ...process.env, NODE_OPTIONS: "", ...options.env },
      stdio: ["ignore", log.fd, log.fd, "ipc"],
    });
  } finally {
    await log.close();
  }
}

/** A log that has grown large makes way for a new one; the last one before it is kept. */
async function setAside(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(logFile, `${logFile}.1`);
}

async function firstReply<V>(
  child: ChildProcess,
  end: Promise<string>,
  options: ChildOptions<unknown>,
): Promise<V> {
  const limit = AbortSignal.timeout(options.startTimeoutMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  const reply = once(child, "message", { signal }) as Promise<[ChildReply<V>]>;
  const failed = once(child, "error", { signal }).then(([error]) => String(error));
  child.send({ start: options.config } satisfies ChildRequest<unknown>, () => undefined);
  try {
    const first = await Promise.race([reply, end, failed]);
    if (typeof first === "string") throw new Error(first);
    if ("error" in first[0]) throw new Error(first[0].error);
    return first[0].ready;
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new Error(`no answer within ${String(options.startTimeoutMs / 1000)} s`, {
      cause: error,
    });
  } finally {
    reply.catch(() => undefined);
    failed.catch(() => undefined);
  }
}

function keep<V>(
  child: ChildProcess,
  end: Promise<string>,
  value: V,
  processId: ProcessId,
  options: ChildOptions<unknown>,
): Child<V> {
  let stopping: Promise<void> | undefined;
  // A parent that has nothing left to do may end; its children see the closed channel.
  child.unref();
  child.channel?.unref();
  void end.then((reason) => {
    if (stopping === undefined) options.onEnd?.(`${options.title} ended: ${reason}`);
  });
  const stop = async (): Promise<void> => {
    child.ref();
    if (child.connected)
      child.send({ stop: true } satisfies ChildRequest<unknown>, () => undefined);
    await endsWithin(end, options.stopTimeoutMs);
    await endProcess(processId, "SIGTERM", 1000);
  };
  return { value, processId, ended: end, stop: () => (stopping ??= stop()) };
}

async function endsWithin(end: Promise<string>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([end, limit]);
  clearTimeout(timer);
}

/** A start that failed may have got as far as a server under the supervisor: both are one group. */
async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return;
  const leader = identify(pid);
  signalProcess(-pid, "SIGTERM");
  if (leader !== undefined) await waitForEnd(leader, GROUP_STOP_MS);
  signalProcess(-pid, "SIGKILL");
}

function ending(code: number | null, signal: string | null): string {
  return signal === null ? `process ended with code ${String(code)}` : `killed by ${signal}`;
}

async function tailOf(logFile: string): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}
