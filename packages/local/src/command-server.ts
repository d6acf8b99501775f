import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { serveParent, type Served } from "./child-protocol.ts";
import { lockDirectory } from "./directory-lock.ts";
import { LOOPBACK } from "./ports.ts";

/** A program to keep alive as long as the stack: it is up when it takes connections on `port`. */
export interface CommandServerConfig {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly port: number;
  readonly stopMs: number;
}

export interface CommandServerReady {
  readonly pid: number;
}

const POLL_MS = 25;
const START_LIMIT_MS = 180_000;

serveParent<CommandServerConfig, CommandServerReady>(start);

async function start(config: CommandServerConfig): Promise<Served<CommandServerReady>> {
  const lock = await lockDirectory(config.directory);
  const child = spawn(config.command, [...config.args], {
    stdio: "inherit",
    cwd: config.directory,
  });
  const end = once(child, "exit");
  let stopping = false;
  const failed = end.then(([code, signal]) => {
    if (stopping) return;
    throw new Error(`"${config.command}" ended with ${String(signal ?? code)}`);
  });
  await Promise.race([answers(config.port), failed]).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  failed.catch(() => process.exit(1));
  const stop = async (): Promise<void> => {
    stopping = true;
    await endChild(child, end, config.stopMs);
    await lock.release();
  };
  return { value: { pid: child.pid ?? 0 }, stop };
}

async function endChild(child: ChildProcess, end: Promise<unknown>, stopMs: number): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await end;
  clearTimeout(timer);
}

/** The parent sets the limit of a start; this one is for a parent that died during it. */
async function answers(port: number): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await takesConnections(port))) {
    if (performance.now() > deadline) throw new Error(`port ${String(port)} never opened`);
    await wait(POLL_MS);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    const say = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", say(true));
    socket.once("error", say(false));
  });
}
