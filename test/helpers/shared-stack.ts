import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startStack, type ServiceId, type Stack } from "@tidemill/local";

import { ADDRESS_VARIABLE } from "./stack-address.ts";
import { prepareTemplate } from "./template-database.ts";

/** The stack of one jest run. It starts empty; the first test that asks for a service starts it. */
interface SharedStack {
  readonly stack: Stack;
  readonly directory: string;
  readonly server: Server;
  readonly starting: Map<ServiceId, Promise<void>>;
}

let shared: SharedStack | undefined;

/** Opens the place where test files, each in a process of its own, ask for the shared services. */
export async function startSharedStack(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "tidemill-test-"));
  await chmod(directory, 0o755);
  const stack = await startStack({
    directory,
    services: [],
    ports: { postgres: 0, clickhouse: 0, kafka: 0 },
    // The data of tests need not outlive the machine.
    postgresSettings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
  });
  const server = createServer((request, response) => {
    // A test that blocks its process for seconds would ask again on a connection that was closed meanwhile.
    response.setHeader("connection", "close");
    void answer(request.url ?? "").then(
      (addresses) => response.end(JSON.stringify(addresses)),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      },
    );
  });
  shared = { stack, directory, server, starting: new Map() };
  process.env[ADDRESS_VARIABLE] = await listen(server);
  // Hundreds of processes start from the same sources: Node compiles them once.
  process.env["NODE_COMPILE_CACHE"] = join(directory, "compile-cache");
}

export async function stopSharedStack(): Promise<void> {
  if (shared === undefined) return;
  shared.server.closeAllConnections();
  shared.server.close();
  await shared.stack.stop();
  await rm(shared.directory, { recursive: true, force: true, maxRetries: 3 });
  shared = undefined;
}

async function answer(url: string): Promise<unknown> {
  const names = new URL(url, "http://localhost").searchParams.getAll("service") as ServiceId[];
  if (shared === undefined) throw new Error("the shared stack has been stopped");
  await Promise.all(names.map(startOnce));
  return shared.stack.addresses;
}

function startOnce(service: ServiceId): Promise<void> {
  const known = shared?.starting.get(service);
  if (known !== undefined) return known;
  const started = startService(service);
  shared?.starting.set(service, started);
  return started;
}

async function startService(service: ServiceId): Promise<void> {
  const allowed = process.env["TIDEMILL_TEST_SERVICES"]?.split(",");
  if (allowed !== undefined && !allowed.includes(service)) {
    throw new Error(`TIDEMILL_TEST_SERVICES leaves out "${service}"; add it or unset the variable`);
  }
  await shared?.stack.startService(service);
  if (service === "postgres") await prepareTemplate(shared?.stack.addresses.databaseUrl ?? "");
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) return;
      resolve(`http://127.0.0.1:${String(address.port)}/`);
    });
  });
}
