import { mkdir, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";

import { serveParent, type Served } from "./child-protocol.ts";
import { ClickHouseEngine } from "./clickhouse-engine.ts";
import { createBridge } from "./clickhouse-http.ts";
import { lockDirectory } from "./directory-lock.ts";
import { LOOPBACK } from "./ports.ts";

export interface ClickHouseServerConfig {
  readonly dataDirectory: string;
  readonly preferredPort: number;
}

export interface ClickHouseServerReady {
  readonly port: number;
  readonly version: string;
}

serveParent<ClickHouseServerConfig, ClickHouseServerReady>(start);

async function start(config: ClickHouseServerConfig): Promise<Served<ClickHouseServerReady>> {
  const bodyDirectory = join(config.dataDirectory, "bodies");
  const lock = await lockDirectory(config.dataDirectory);
  await rm(bodyDirectory, { recursive: true, force: true });
  await mkdir(bodyDirectory, { recursive: true });
  const engine = new ClickHouseEngine(join(config.dataDirectory, "data"));
  await engine.open();
  const server = createBridge({ engine, bodyDirectory });
  const port = await listen(server, config.preferredPort);
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    engine.close();
    await lock.release();
  };
  return { value: { port, version: engine.version }, stop };
}

async function listen(server: Server, preferred: number): Promise<number> {
  const port = await tryListen(server, preferred).catch(() => tryListen(server, 0));
  return port;
}

function tryListen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
