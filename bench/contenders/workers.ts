import { type ChildProcess, fork, type ForkOptions } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { QueueSetting } from "./queue.ts";

const workerProcess = fileURLToPath(new URL("worker-process.ts", import.meta.url));
const longestMs = 15 * 60_000;

export interface Drained {
  readonly seconds: number;
  /** Jobs that were handled, each counted once; NaN if one was handled twice. */
  readonly done: number;
}

/** Lets two worker processes of a peer empty its queue. The clock runs from their start signal to the last job. */
export async function drainWithWorkers(
  peer: string,
  setting: QueueSetting,
  { url, jobs }: { readonly url: string; readonly jobs: number },
): Promise<Drained> {
  const env = { ...process.env, BENCH_DATABASE_URL: url };
  const options: ForkOptions = {
    env,
    execArgv: ["--conditions=source"],
    timeout: longestMs,
    killSignal: "SIGKILL",
  };
  const children = [1, 2].map(() =>
    fork(workerProcess, [peer, setting], {
      ...options,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    }),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  const all = handledBy(children, jobs);
  const started = performance.now();
  for (const child of children) child.send("go");
  const done = await all;
  const seconds = (performance.now() - started) / 1_000;
  const exits = children.map((child) => once(child, "exit"));
  for (const child of children) child.disconnect();
  await Promise.all(exits);
  return { seconds, done };
}

/** Resolves when each of the jobs was handled, or one of them twice. */
function handledBy(children: readonly ChildProcess[], jobs: number): Promise<number> {
  const seen = new Set<number>();
  return new Promise((resolve, reject) => {
    for (const child of children) {
      child.on("message", (numbers: number[]) => {
        for (const n of numbers) {
          if (seen.has(n)) resolve(Number.NaN);
          seen.add(n);
        }
        if (seen.size === jobs) resolve(jobs);
      });
      child.once("exit", () =>
        reject(new Error(`a worker ended after ${seen.size} of ${jobs} jobs`)),
      );
    }
  });
}
