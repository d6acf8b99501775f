import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** A process by number and start: the number alone is given to another process later. */
export interface ProcessId {
  readonly pid: number;
  readonly started: string;
}

const POLL_MS = 25;
const ALL_STOP_MS = 20_000;

/** The moment a process started, in the system's own words; undefined when there is none. */
export function startOf(pid: number): string | undefined {
  return process.platform === "linux" ? startFromProc(pid) : startFromPs(pid);
}

function startFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    // The second field is the command in brackets, which may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  const answer = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  const text = answer.stdout.trim();
  return text === "" ? undefined : text;
}

export function identify(pid: number): ProcessId | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(id: ProcessId): boolean {
  return startOf(id.pid) === id.started;
}

/** Waits until the process is gone; false when `timeoutMs` passed first. */
export async function waitForEnd(id: ProcessId, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(id)) {
    if (performance.now() > deadline) return false;
    await wait(POLL_MS);
  }
  return true;
}

/** Asks a process to end with `signal`, and kills it when it has not after `graceMs`. */
export async function endProcess(
  id: ProcessId,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!isAlive(id)) return;
  signalProcess(id.pid, signal);
  if (await waitForEnd(id, graceMs)) return;
  signalProcess(id.pid, "SIGKILL");
  await waitForEnd(id, graceMs);
}

/** Ends services and what supervises them. */
export async function endAll(ids: readonly ProcessId[]): Promise<void> {
  // Postgres waits for its clients on SIGTERM; SIGINT ends their sessions, as Java ends too.
  await Promise.all(ids.map((id) => endProcess(id, "SIGINT", ALL_STOP_MS)));
}

/** Sends a signal; a process that is gone already is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
