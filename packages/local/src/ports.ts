import { createServer } from "node:net";

export const LOOPBACK = "127.0.0.1";

/** A port that is free on the loopback now: `preferred` when it is, else any. */
export async function freePort(preferred: number): Promise<number> {
  const kept = preferred === 0 ? undefined : await tryPort(preferred);
  const port = kept ?? (await tryPort(0));
  if (port === undefined) throw new Error(`no free port on ${LOOPBACK}`);
  return port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" ? address?.port : undefined);
      });
    });
  });
}
