import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface HttpServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** What to answer to the nth request (from 0); an answer left out hangs until the other side gives up. */
export type Answer = (
  request: SeenRequest,
  n: number,
) =>
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | "hang"
  | "hang_up";

/** A small server that answers what a test says, and keeps what it was asked. */
export async function httpServer(answer: Answer): Promise<HttpServer> {
  const requests: SeenRequest[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = "", url = "", headers } = request;
    const seen = { method, url, headers, body: Buffer.concat(parts).toString() };
    requests.push(seen);
    const said = answer(seen, requests.length - 1);
    if (said === "hang") return;
    if (said === "hang_up") {
      request.socket.destroy();
      return;
    }
    response.writeHead(said.status ?? 200, said.headers);
    response.end(typeof said.body === "string" ? said.body : JSON.stringify(said.body ?? null));
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: close };
}
