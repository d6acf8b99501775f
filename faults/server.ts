import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Stack, startStack } from "@tidemill/local";

/** Where the database of a scene is. */
export interface FaultServer {
  readonly url: string;
  /** Of a server of the matrix's own, which its rows may hurt; absent where others use it too. */
  readonly stack?: Stack;
}

/** Few enough connections that a row can take them all. */
export const mostConnections = 80;

/** A Postgres that nobody else uses. */
export async function ownServer(): Promise<Required<FaultServer> & AsyncDisposable> {
  const directory = await mkdtemp(path.join(tmpdir(), "tidemill-faults-"));
  await chmod(directory, 0o755);
  const stack = await startStack({
    directory,
    services: ["postgres"],
    ports: { postgres: 0 },
    postgresSettings: {
      max_connections: String(mostConnections),
      shared_buffers: "64MB",
      // Processes die here and the machine does not, so nothing is gained by waiting for the disk.
      fsync: "off",
    },
  });
  return {
    stack,
    get url() {
      return stack.addresses.databaseUrl ?? "";
    },
    [Symbol.asyncDispose]: async () => {
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
