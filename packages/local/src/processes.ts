import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

/** A process by number and start: the number alone is given to another process later. */
export interface ProcessId {
  readonly pid: number;
  readonly started: string;
}

const run = promisify(execFile);
const POLL_MS = 25;

/** The moment a process started, in the system's own words; undefined when there is none. */
export async function startOf(pid: number): Promise<string | undefined> {
  return process.platform === "linux" ? startFromProc(pid) : startFromPs(pid);
}

async function startFromProc(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => undefined);
  // The second field is the command in brackets, which may hold spaces and brackets itself.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || fields[0] === "Z" ? undefined : fields[19];
}

async function startFromPs(pid: number): Promise<string | undefined> {
  const answer = await run("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => undefined);
  const text = answer?.stdout.trim();
  return text === "" ? undefined : text;
}

export async function identify(pid: number): Promise<ProcessId | undefined> {
  const started = await startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

export async function isAlive(id: ProcessId): Promise<boolean> {
  return (await startOf(id.pid)) === id.started;
}

/** Waits until the process is gone; false when `timeoutMs` passed first. */
export async function waitForEnd(id: ProcessId, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (await isAlive(id)) {
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
  if (!(await isAlive(id))) return;
  send(id.pid, signal);
  if (await waitForEnd(id, graceMs)) return;
  send(id.pid, "SIGKILL");
  await waitForEnd(id, graceMs);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
