import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { freePort } from "../../packages/local/src/ports.ts";

const module = fileURLToPath(new URL("../../packages/local/src/ports.ts", import.meta.url));
const asking = (port: number) => `
  import { freePort } from ${JSON.stringify(module)};
  console.log(await freePort(${String(port)}));
  process.stdin.on("end", () => process.exit()).resume();
`;

/** Another process that has asked for a port, and has not bound it yet. */
async function askedElsewhere(port: number) {
  const args = ["--conditions=source", "--no-warnings", "--input-type=module", "-e", asking(port)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  /** @param signal kills it; absent: it ends by itself */
  const end = async (signal?: NodeJS.Signals) => {
    const ended = once(child, "exit");
    if (signal === undefined) child.stdin.end();
    else child.kill(signal);
    await ended;
  };
  return { port: Number(String(line)), end };
}

/** As the system gives it to whoever asks for any. */
async function portOfTheSystem(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("a preferred port goes to one stack, also before its server is bound, until that process is gone", async () => {
  const preferred = await portOfTheSystem();
  const other = await askedElsewhere(preferred);
  try {
    expect(other.port).toBe(preferred);
    expect(await freePort(preferred)).not.toBe(preferred);
  } finally {
    await other.end("SIGKILL");
  }
  expect(await freePort(preferred)).toBe(preferred);
  expect(await freePort(preferred)).toBe(preferred);
});

test("any port is one that the system gives to nobody, and that no other stack gets before its server is bound", async () => {
  const ports = await Promise.all([freePort(0), freePort(0), freePort(0)]);
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_000);
    const other = await askedElsewhere(port);
    await other.end("SIGKILL");
    expect(other.port).not.toBe(port);
  }
});

test("a process that ends leaves nothing behind of the ports that it kept", async () => {
  const other = await askedElsewhere(0);
  const folder = join(tmpdir(), `tidemill-ports-${String(userInfo().uid)}`, String(other.port));
  expect(existsSync(folder)).toBe(true);
  await other.end();
  expect(existsSync(folder)).toBe(false);
});
