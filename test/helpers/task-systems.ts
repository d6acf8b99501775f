import { once } from "node:events";
import { createServer } from "node:net";

const uri = (name: string): Promise<string> => Promise.resolve(process.env[name] ?? "");

export const postgresAddress = (): Promise<string> => uri("TIDEMILL_TEST_POSTGRES");
export const kafkaAddress = (): Promise<string> => uri("TIDEMILL_TEST_KAFKA_URI");
export const clickHouseAddress = (): Promise<string> => uri("TIDEMILL_TEST_CLICKHOUSE");

/** A port of the loopback that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  server.close();
  await once(server, "close");
  return port;
}
