import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../packages/dag-core/src/cli/main.ts", import.meta.url));

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** The settings; those of the process around the test are left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** After which the command is killed, in milliseconds. Defaults to 50 s. */
  readonly limitMs?: number;
}

/** Runs one command line of the real program in a process of its own, knowing nothing of the machine's stack. */
export function runCli(
  args: readonly string[],
  { env = {}, limitMs = 50_000 }: CommandOptions = {},
): Promise<CommandResult> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(TIDEMILL_|TELEGRAM_|NODE_OPTIONS)/.test(name),
  );
  const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
    env: { ...Object.fromEntries(own), TIDEMILL_STACK_FILE: "/nowhere/stack.json", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => err.push(text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) =>
      resolve({ exitCode, stdout: out.join(""), stderr: err.join("") }),
    );
  });
}
