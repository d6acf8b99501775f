import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { localStackError } from "./errors.ts";
import { readJsonIfThere } from "./files.ts";
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
    const holder = await lockHolder(directory);
    if (holder !== undefined) {
      throw localStackError("TIDEMILL_LOCAL_STACK_BUSY", [directory, holder.pid]);
    }
    await rm(path, { force: true });
  }
  throw localStackError("TIDEMILL_LOCAL_STACK_BUSY", [directory, 0]);
}

/** The living process that holds the directory. */
export async function lockHolder(directory: string): Promise<ProcessId | undefined> {
  const holder = processIdOf(await readJsonIfThere(join(directory, "lock.json")));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Linked, not created, into place: a lock is never seen without its holder. */
async function tryLock(path: string): Promise<boolean> {
  const draft = `${path}.${String(process.pid)}.${String(performance.now())}`;
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

function processIdOf(value: unknown): ProcessId | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, started } = value as Record<string, unknown>;
  return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
}
