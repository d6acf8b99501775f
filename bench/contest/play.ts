import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { interrupted } from "../interrupted.ts";
import type { Turn } from "./contest.ts";

const turnProcess = fileURLToPath(new URL("turn-process.ts", import.meta.url));
/** No turn is meant to take this long; one that hangs ends the case. */
const longestMs = 15 * 60_000;

export interface PlayOptions {
  readonly url: string;
  readonly work: number;
  /** Where its temporary files go. */
  readonly directory: string;
}

/** Plays one turn in a process of its own, so that no contender inherits another's memory, timers or compiled code. */
export async function play(
  contest: string,
  contender: string,
  { url, work, directory }: PlayOptions,
): Promise<Turn> {
  interrupted.throwIfAborted();
  // A group of its own: whatever it started ends with it.
  const child = fork(turnProcess, [contest, contender, String(work)], {
    env: { ...process.env, BENCH_DATABASE_URL: url, TMPDIR: directory },
    execArgv: ["--conditions=source"],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    detached: true,
  });
  const end = () => endGroup(child);
  const timer = setTimeout(end, longestMs);
  interrupted.addEventListener("abort", end);
  try {
    return await turnOf(child, `${contender} ended its turn of ${contest}`);
  } finally {
    interrupted.removeEventListener("abort", end);
    clearTimeout(timer);
    end();
  }
}

async function turnOf(child: ChildProcess, what: string): Promise<Turn> {
  // What a peer prints is not read, and must not fill the pipe.
  child.stdout?.resume();
  const turns: Turn[] = [];
  child.on("message", (turn) => turns.push(turn as Turn));
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  const [turn] = turns;
  if (turn && code === 0) return turn;
  throw new Error(`${what} with ${signal ?? `code ${code}`}`);
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
