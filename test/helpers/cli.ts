import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bareEnvironment } from "./bare-environment.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = `${root}packages/dag-core/src/cli/main.ts`;
const deadlineMs = 120_000;

export type Environment = Readonly<Record<string, string>>;

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(file: string, args: readonly string[], env: Environment, cwd: string): ChildProcess {
  return spawn(process.execPath, ["--conditions=source", file, ...args], {
    cwd,
    env: { ...bareEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a program of the project to its end. */
export function runNode(
  file: string,
  args: readonly string[],
  env: Environment,
  cwd = root,
): Promise<CliResult> {
  const child = start(file, args, env, cwd);
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const { promise, resolve } = Promise.withResolvers<CliResult>();
  const timer = AbortSignal.timeout(deadlineMs);
  timer.addEventListener("abort", () => child.kill("SIGKILL"));
  child.on("close", (code) => resolve({ code, ...output }));
  return promise;
}

/** Runs a `tidemill` command to its end. */
export function tidemill(args: readonly string[], env: Environment): Promise<CliResult> {
  return runNode(main, args, env);
}

type LogLine = Readonly<Record<string, unknown>> & { readonly event?: string };

/** `tidemill scheduler` in a process of its own. */
export interface Daemon {
  readonly pid: number;
  /** The next log line, past or future, that matches and was not taken yet. */
  logged(matches: (line: LogLine) => boolean): Promise<LogLine>;
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>;
  /** Asks it to stop. @returns its exit code */
  stop(): Promise<number | null>;
}

/** Starts a scheduler and waits until it works. */
export async function startDaemon(env: Environment, args: readonly string[] = []): Promise<Daemon> {
  const child = start(main, ["scheduler", "--output", "json", ...args], env, root);
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  if (!child.stderr) throw new Error("the daemon has no standard error");
  createInterface({ input: child.stderr }).on("line", (text) => {
    lines.push(text.startsWith("{") ? (JSON.parse(text) as LogLine) : { text });
    for (const look of waiting) look();
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let from = 0;
  const logged = (matches: (line: LogLine) => boolean): Promise<LogLine> => {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = () => {
      const index = lines.findIndex((line, at) => at >= from && matches(line));
      if (index < 0) return;
      from = index + 1;
      waiting.delete(look);
      const line = lines[index];
      if (line) resolve(line);
    };
    waiting.add(look);
    look();
    const tail = () =>
      lines
        .slice(-15)
        .map((line) => JSON.stringify(line))
        .join("\n");
    AbortSignal.timeout(deadlineMs).addEventListener("abort", () =>
      reject(new Error(`the daemon did not log it in time; its last lines:\n${tail()}`)),
    );
    void exited.then((code) => reject(new Error(`the daemon ended with ${code}:\n${tail()}`)));
    return promise;
  };
  await logged((line) => line.event === "scheduler.started");
  return {
    pid: child.pid ?? 0,
    logged,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    stop: async () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
