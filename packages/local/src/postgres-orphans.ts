import { readdir, readlink, readFile, realpath } from "node:fs/promises";
import { basename } from "node:path";

import { endProcess, identify } from "./processes.ts";

const END_MS = 5_000;

/**
 * Ends the sessions that a killed server left on a data directory. Each ends by itself when it next waits; two
 * generations that write to one directory would ruin it.
 */
export async function endOrphans(dataDirectory: string): Promise<void> {
  if (process.platform !== "linux") return;
  const folder = await realpath(dataDirectory).catch(() => undefined);
  if (folder === undefined) return;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => isOrphan(pid, folder)));
  const ids = pids.flatMap((pid, at) => (found[at] === true ? (identify(Number(pid)) ?? []) : []));
  await Promise.all(ids.map((id) => endProcess(id, "SIGQUIT", END_MS)));
}

/** A process of the server whose parent is not: the parent of a living one's sessions is the server itself. */
async function isOrphan(pid: string, folder: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== folder || !(await isServer(pid))) return false;
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const parent = /^PPid:\s*(\d+)/m.exec(status)?.[1] ?? "0";
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    return command.startsWith("postgres: ") && !(await isServer(parent));
  } catch {
    return false;
  }
}

async function isServer(pid: string): Promise<boolean> {
  const program = await readlink(`/proc/${pid}/exe`).catch(() => "");
  return basename(program) === "postgres";
}
