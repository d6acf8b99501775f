import { randomUUID } from "node:crypto";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { localStackError } from "./errors.ts";
import { readIfThere } from "./files.ts";
import { identify, isAlive, type ProcessId } from "./processes.ts";

export interface DirectoryLock {
  release(): Promise<void>;
}

const TRIES = 3;

/** Takes a directory for this process; a lock whose process is gone is taken over. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, "lock.json");
  await mkdir(directory, { recursive: true });
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (await tryLock(path)) return { release: () => rm(path, { force: true }) };
    const inTheWay = (await livingHolder(path)) ?? (await removeDead(path));
    if (inTheWay !== undefined) {
      throw localStackError("TIDEMILL_LOCAL_STACK_BUSY", [directory, inTheWay.pid]);
    }
  }
  throw localStackError("TIDEMILL_LOCAL_STACK_BUSY", [directory, 0]);
}

async function livingHolder(path: string): Promise<ProcessId | undefined> {
  return livingIn(await readIfThere(path));
}

/**
 * Removes the lock of a process that is gone. Guarded by a lock of its own, under which the holder is read again:
 * otherwise it could remove the lock of a process that was quicker to take over.
 *
 * @returns the process that is taking over instead
 */
async function removeDead(path: string): Promise<ProcessId | undefined> {
  const guard = `${path}.guard`;
  if (!(await tryLock(guard))) {
    const held = await readIfThere(guard);
    if (held === undefined) return undefined;
    const other = livingIn(held);
    // Its process was killed while it took over.
    if (other === undefined) await rm(guard, { force: true });
    return other;
  }
  try {
    const lock = await readIfThere(path);
    // Where none is there any more, a quicker process may put its own there at any moment.
    if (lock !== undefined && livingIn(lock) === undefined) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
  return undefined;
}

/** Linked, not created, into place: a lock is never seen without its holder. */
async function tryLock(path: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function livingIn(lock: string | undefined): ProcessId | undefined {
  const holder = processIdOf(lock === undefined ? undefined : parsed(lock));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function processIdOf(value: unknown): ProcessId | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, started } = value as Record<string, unknown>;
  return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
}
