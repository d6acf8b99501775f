import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A proxy in front of Postgres whose connections can be slowed down or cut off without either side being told: what a
 * firewall that forgets a connection does, or a machine that vanishes.
 */
export class Proxy implements AsyncDisposable {
  readonly #target: URL;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #delayMs = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((near) => this.#join(near));
  }

  static async open(databaseUrl: string): Promise<Proxy> {
    const proxy = new Proxy(new URL(databaseUrl));
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** The URI of the database by way of the proxy. */
  get url(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("The proxy is closed");
    const url = new URL(this.#target);
    url.hostname = "127.0.0.1";
    url.port = String(address.port);
    return url.href;
  }

  /** Holds back what goes either way; 0 lets it pass at once. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** From now on nothing passes on the connections that there are, and nobody is told; new ones work. */
  silence(): number {
    for (const link of this.#links) link.isSilent = true;
    return this.#links.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) link.end();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    const { hostname, port } = this.#target;
    const far = connect({ host: hostname, port: Number(port) });
    const link = new Link(near, far);
    this.#links.add(link);
    this.#pass(link, near, far);
    this.#pass(link, far, near);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => link.end());
      socket.on("close", () => {
        // The other side of a silent connection hears nothing of the end either, but nothing is left open for long.
        if (!link.isSilent || socket === near) link.end();
        if (near.destroyed) this.#links.delete(link);
      });
    }
  }

  #pass(link: Link, from: Socket, to: Socket): void {
    from.on("data", (bytes: Buffer) => {
      const send = (): void => {
        if (!link.isSilent && !to.destroyed) to.write(bytes);
      };
      if (this.#delayMs === 0 && link.waiting === 0) return send();
      link.waiting += 1;
      setTimeout(() => {
        link.waiting -= 1;
        send();
      }, this.#delayMs);
    });
  }
}

class Link {
  readonly #sockets: readonly Socket[];
  isSilent = false;
  /** Pieces on their way; a later one must not overtake them. */
  waiting = 0;

  constructor(near: Socket, far: Socket) {
    this.#sockets = [near, far];
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
