import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bareEnvironment } from "./bare-environment.ts";

const main = fileURLToPath(new URL("../../packages/dag-core/src/cli/main.ts", import.meta.url));

/** Less than a test may take, so that the test ends with what was said instead. */
const deadlineMs = 120_000;

/** The command `tidemill dev` in a process of its own. */
export interface DevProcess extends AsyncDisposable {
  /** Fulfilled by the next line on standard error with this text, after the one that was waited for before. */
  said(text: string): Promise<void>;
  /** Tells it to stop. @returns its exit code */
  stop(): Promise<number | null>;
}

export function startDev(env: Readonly<Record<string, string>>): DevProcess {
  const child = spawn(process.execPath, ["--conditions=source", main, "dev"], {
    env: {
      ...bareEnvironment(),
      TIDEMILL_STACK_FILE: "/nowhere/stack.json",
      TIDEMILL_RUNNERS: "1",
      ...env,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  AbortSignal.timeout(deadlineMs).addEventListener("abort", () => child.kill("SIGKILL"));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const seen: string[] = [];
  const said = async (text: string) => {
    for (;;) {
      const { done, value: line } = await lines.next();
      if (done) throw new Error(`it ended without "${text}"; it said:\n${seen.join("\n")}`);
      seen.push(line);
      if (line.includes(text)) return;
    }
  };
  const stop = () => {
    child.kill("SIGINT");
    return exited;
  };
  const dispose = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { said, stop, [Symbol.asyncDispose]: dispose };
}
