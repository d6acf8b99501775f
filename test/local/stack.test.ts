import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, expect, test } from "@jest/globals";
import { loadConfig } from "@tidemill/dag-core/engine";
import { readStackFile, startStack } from "@tidemill/local";

import { identify, waitForEnd, type ProcessId } from "../../packages/local/src/processes.ts";
import { killAll, stackDirectory, withStack } from "../helpers/stack-directory.ts";

const directory = stackDirectory();
const variables = [
  "TIDEMILL_CONN_CLICKHOUSE",
  "TIDEMILL_CONN_CLICKHOUSE_FILE",
  "TIDEMILL_CONN_SHOP_EVENTS",
  "TIDEMILL_DATABASE_URL",
];

afterEach(() => {
  for (const name of variables) Reflect.deleteProperty(process.env, name);
});

/** Starts a stack in another process and waits until it is up. */
async function hold(
  folder: string,
  services: readonly string[],
): Promise<{ owner: ProcessId; children: ProcessId[] }> {
  const script = fileURLToPath(new URL("./held-stack.ts", import.meta.url));
  const args = ["--conditions=source", "--no-warnings", script, folder, ...services];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const pids = Object.values(JSON.parse(line.toString()) as Record<string, number[]>).flat();
  const ids = [child.pid ?? 0, ...pids].map((pid) => identify(pid));
  const [owner, ...children] = ids.filter((id) => id !== undefined);
  if (owner === undefined) throw new Error("the stack's process is gone");
  return { owner, children };
}

test("the services end when their parent is killed, and start again on their data", async () => {
  const folder = join(directory, "shared");
  const { owner, children } = await hold(folder, ["postgres", "clickhouse"]);
  expect(readStackFile(folder)?.connections).toHaveProperty("clickhouse");
  process.kill(owner.pid, "SIGKILL");
  await waitForEnd(owner, 5000);
  expect(readStackFile(folder)).toBeUndefined();
  for (const child of children) expect(await waitForEnd(child, 10_000)).toBe(true);
  await withStack({ directory: folder, services: ["postgres", "clickhouse"] }, ({ addresses }) => {
    expect(Object.keys(addresses.connections)).toEqual(["postgres", "clickhouse"]);
    return Promise.resolve();
  });
});

test("what a kill of parent and supervisors left is stopped by the next start", async () => {
  const folder = join(directory, "shared");
  const { owner, children } = await hold(folder, ["postgres"]);
  const [supervisor, server] = children;
  if (supervisor === undefined || server === undefined) throw new Error("two processes expected");
  // The supervisor first: nobody is left to stop the server.
  process.kill(supervisor.pid, "SIGKILL");
  process.kill(owner.pid, "SIGKILL");
  await waitForEnd(owner, 5000);
  expect(identify(server.pid)).toEqual(server);
  await withStack({ directory: folder, services: ["postgres"] }, (stack) => {
    expect(identify(server.pid)).toBeUndefined();
    expect(stack.processIds.postgres).toHaveLength(2);
    return Promise.resolve();
  });
});

test("a restart stops the server that a killed supervisor left", async () => {
  const folder = join(directory, "shared");
  await withStack({ directory: folder, services: ["postgres"] }, async (stack) => {
    const [supervisor = 0, server = 0] = stack.processIds.postgres ?? [];
    const left = identify(server);
    await killAll([supervisor]);
    expect(identify(server)).toEqual(left);
    await stack.restart("postgres");
    expect(identify(server)).toBeUndefined();
  });
});

test("a second start on the directory names the process that runs it", async () => {
  const folder = join(directory, "second");
  await withStack({ directory: folder, services: [] }, async () => {
    await expect(startStack({ directory: folder, services: [] })).rejects.toMatchObject({
      code: "TIDEMILL_LOCAL_STACK_BUSY",
      message: expect.stringContaining(`process ${String(process.pid)}`) as unknown,
    });
  });
  await withStack({ directory: folder, services: [] }, () => Promise.resolve());
});

test("the addresses are in a file while the stack runs, and follow its services", async () => {
  const folder = join(directory, "file");
  await withStack({ directory: folder, services: [] }, async (stack) => {
    expect(readStackFile(folder)?.connections).toEqual({});
    await stack.startService("clickhouse");
    expect(readStackFile(folder)).toEqual({ ...stack.addresses, kafkaKind: undefined });
    expect(readStackFile(folder)?.connections["clickhouse"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await stack.stopService("clickhouse");
    expect(readStackFile(folder)?.connections).toEqual({});
    await stack.stop();
    await stack.stop();
  });
  expect(existsSync(join(folder, "stack.json"))).toBe(false);
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("*\n");
});

test("an address of the environment takes the place of the service", async () => {
  process.env["TIDEMILL_CONN_CLICKHOUSE"] = "http://elsewhere:8123";
  process.env["TIDEMILL_CONN_SHOP_EVENTS"] = "postgres://elsewhere/shop_events";
  const services = ["clickhouse"] as const;
  const options = { directory: join(directory, "env"), services, databases: ["shop_events"] };
  await withStack(options, ({ addresses, processIds }) => {
    expect(addresses.connections).toEqual({
      clickhouse: "http://elsewhere:8123",
      shop_events: "postgres://elsewhere/shop_events",
    });
    expect(processIds).toEqual({});
    return Promise.resolve();
  });
});

test("an address in a file counts as one, and a variable that is set to nothing as none", async () => {
  const folder = join(directory, "in_a_file");
  const file = join(directory, "clickhouse.uri");
  await mkdir(directory, { recursive: true });
  await writeFile(file, "http://clickhouse.example:8123\n");
  process.env["TIDEMILL_CONN_CLICKHOUSE_FILE"] = file;
  process.env["TIDEMILL_CONN_SHOP_EVENTS"] = "";
  process.env["TIDEMILL_DATABASE_URL"] = "";
  await withStack({ directory: folder, services: ["clickhouse"] }, (stack) => {
    expect(stack.processIds).toEqual({});
    expect(stack.addresses.connections).toEqual({ clickhouse: "http://clickhouse.example:8123" });
    const config = loadConfig({ env: { TIDEMILL_STACK_FILE: join(folder, "stack.json") } });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.connections.ids()).toEqual(["clickhouse"]);
    return Promise.resolve();
  });
});

test("an unknown service is refused with the names of the known ones", async () => {
  const services = ["mysql"] as unknown as ["postgres"];
  await expect(startStack({ directory: join(directory, "unknown"), services })).rejects.toThrow(
    'Service "mysql" is not part of the local stack; use one of postgres, clickhouse, kafka',
  );
});

test("a signal ends a start that is under way, and nothing is left running", async () => {
  const folder = join(directory, "shared");
  const options = { directory: folder, services: ["postgres"] as const };
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(withStack({ ...options, signal }, () => Promise.resolve())).rejects.toThrow(
    /enough/,
  );
  await withStack(options, () => Promise.resolve());
});

test("a stack that cannot say where it is does not start, and keeps nobody else from its directory", async () => {
  const folder = join(directory, "in-the-way");
  const file = join(folder, "stack.json");
  await mkdir(file, { recursive: true });
  await expect(startStack({ directory: folder, services: [] })).rejects.toMatchObject({
    code: "EISDIR",
  });
  await rmdir(file);
  await withStack({ directory: folder, services: [] }, () => {
    expect(readStackFile(folder)).toMatchObject({ version: 1 });
    return Promise.resolve();
  });
});
