import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StackAddresses, type StackOptions, startStack } from "@tidemill/local";

export type Connections = StackAddresses["connections"];

/** Runs something on a local stack of its own, which is gone afterwards. */
export async function withOwnStack<T>(
  options: Omit<StackOptions, "directory">,
  use: (connections: Connections, directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "tidemill-bench-"));
  try {
    const stack = await startStack({ ...options, directory });
    try {
      return await use(stack.addresses.connections, directory);
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
