import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { freePort } from "../../packages/local/src/ports.ts";

const module = fileURLToPath(new URL("../../packages/local/src/ports.ts", import.meta.url));
const asking = (port: number) => `
  import { freePort } from ${JSON.stringify(module)};
  console.log(await freePort(${String(port)}));
  process.stdin.resume();
`;

/** Another process that has asked for a port, and has not bound it yet. */
async function askedElsewhere(port: number) {
  const args = ["--conditions=source", "--no-warnings", "--input-type=module", "-e", asking(port)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return { port: Number(String(line)), end };
}

test("a preferred port goes to one stack, also before its server is bound, until that process is gone", async () => {
  const preferred = await freePort(0);
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
