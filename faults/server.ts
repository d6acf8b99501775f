import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Stack, startStack } from "@tidemill/local";

/** A Postgres of the matrix's own, which its rows may hurt. */
export interface FaultServer extends AsyncDisposable {
  readonly stack: Stack;
  readonly url: string;
}

/** Few enough connections that a row can take them all. */
export const mostConnections = 80;

export async function faultServer(): Promise<FaultServer> {
  const directory = await mkdtemp(path.join(tmpdir(), "tidemill-faults-"));
  await chmod(directory, 0o755);
  const stack = await startStack({
    directory,
    services: ["postgres"],
    ports: { postgres: 0 },
    postgresSettings: { max_connections: String(mostConnections), shared_buffers: "64MB" },
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
