import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { lockDirectory } from "./directory-lock.ts";
import { LocalStackError } from "./errors.ts";

export const LOOPBACK = "127.0.0.1";

/** Ports that this process has asked for, and keeps from the stacks of other processes until it ends. */
const kept = new Set<number>();
/** Where other processes see that. */
const locked: string[] = [];

/** Below what systems give to clients, and to servers that ask for any: Linux from 32768 on, macOS from 49152. */
const QUIET = { first: 20_000, end: 32_000 };
const QUIET_TRIES = 50;

/**
 * A port that is free on the loopback now: `preferred` when it is, else any. Between the look and the bind of the server
 * lie seconds, so no other stack of this user that starts meanwhile gets the same one.
 */
export async function freePort(preferred: number): Promise<number> {
  const wanted = preferred === 0 ? undefined : await keepFree(preferred);
  const port = wanted ?? (await quietPort()) ?? (await tryPort(0));
  if (port === undefined) throw new Error(`no free port on ${LOOPBACK}`);
  return port;
}

async function quietPort(): Promise<number | undefined> {
  for (let tries = 0; tries < QUIET_TRIES; tries += 1) {
    const port = randomInt(QUIET.first, QUIET.end);
    if (!kept.has(port) && (await keepFree(port)) !== undefined) return port;
  }
  return undefined;
}

async function keepFree(port: number): Promise<number | undefined> {
  return (await keepPort(port)) ? tryPort(port) : undefined;
}

async function keepPort(port: number): Promise<boolean> {
  if (kept.has(port)) return true;
  const folder = join(tmpdir(), `tidemill-ports-${String(userInfo().uid)}`, String(port));
  try {
    await lockDirectory(folder);
    if (locked.length === 0) process.once("exit", unlock);
    locked.push(folder);
  } catch (error) {
    if (error instanceof LocalStackError && error.code === "TIDEMILL_LOCAL_STACK_BUSY")
      return false;
    // Where nothing can be written the bind alone decides.
  }
  kept.add(port);
  return true;
}

function unlock(): void {
  for (const folder of locked) rmSync(folder, { recursive: true, force: true });
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" ? address?.port : undefined);
      });
    });
  });
}
