import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "@jest/globals";
import { startStack, type ServiceId, type Stack, type StackOptions } from "@tidemill/local";

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
