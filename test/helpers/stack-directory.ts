import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "@jest/globals";
import { startStack, type ServiceId, type Stack, type StackOptions } from "@tidemill/local";

import { identify, waitForEnd } from "../../packages/local/src/processes.ts";

const KILL_MS = 5000;
const ANY_PORT: Readonly<Record<ServiceId, number>> = { postgres: 0, clickhouse: 0, kafka: 0 };

/** A directory for stacks of one test file, removed after its tests; open to all accounts. */
export function stackDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tidemill-local-"));
  chmodSync(directory, 0o755);
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return directory;
}

/** Kills the given processes and waits until they are gone. */
export async function killAll(pids: readonly number[] | undefined): Promise<void> {
  const ids = (pids ?? []).map((pid) => identify(pid)).filter((id) => id !== undefined);
  for (const { pid } of ids) process.kill(pid, "SIGKILL");
  const ended = await Promise.all(ids.map((id) => waitForEnd(id, KILL_MS)));
  if (ids.length === 0 || ended.includes(false)) throw new Error("nothing was killed");
}

/** Runs `use` with a stack on ports that nobody uses, and stops it whatever happens. */
export async function withStack<T>(
  options: StackOptions,
  use: (stack: Stack) => Promise<T>,
): Promise<T> {
  const stack = await startStack({ ports: ANY_PORT, ...options });
  try {
    return await use(stack);
  } finally {
    await stack.stop();
  }
}
