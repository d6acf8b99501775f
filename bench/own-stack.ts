import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StackAddresses, type StackOptions, startStack } from "@tidemill/local";
import { interrupted, interruption } from "./interrupted.ts";

export type Connections = StackAddresses["connections"];

/** Runs something on a local stack of its own, which is gone afterwards, also when this process is told to end. */
export async function withOwnStack<T>(
  options: Omit<StackOptions, "directory" | "signal">,
  use: (connections: Connections, directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "tidemill-bench-"));
  try {
    const stack = await startStack({ ...options, directory, signal: interrupted });
    const { promise, forget } = interruption();
    try {
      return await Promise.race([use(stack.addresses.connections, directory), promise]);
    } finally {
      forget();
      await stack.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
