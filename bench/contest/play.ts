import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Turn } from "./contest.ts";

const turnProcess = fileURLToPath(new URL("turn-process.ts", import.meta.url));
/** No turn is meant to take this long; one that hangs ends the case. */
const longestMs = 20 * 60_000;

/** Plays one turn in a process of its own, so that no contender inherits another's memory, timers or compiled code. */
export async function play(
  contest: string,
  contender: string,
  { url, work }: { readonly url: string; readonly work: number },
): Promise<Turn> {
  const child = fork(turnProcess, [contest, contender, String(work)], {
    env: { ...process.env, BENCH_DATABASE_URL: url },
    execArgv: ["--conditions=source"],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    timeout: longestMs,
    killSignal: "SIGKILL",
  });
  // What a peer prints is not read, and must not fill the pipe.
  child.stdout?.resume();
  const turns: Turn[] = [];
  child.on("message", (turn) => turns.push(turn as Turn));
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  const [turn] = turns;
  if (turn && code === 0) return turn;
  throw new Error(`${contender} ended its turn of ${contest} with ${signal ?? `code ${code}`}`);
}
