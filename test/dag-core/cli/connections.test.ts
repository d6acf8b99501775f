import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { dagFolder, type DagFolder } from "../../helpers/dag-folder.ts";
import { runCli } from "../../helpers/run-cli.ts";

let folder: DagFolder;
const run = (...args: readonly string[]) =>
  runCli(args, {
    env: {
      TIDEMILL_DAGS_FOLDER: folder.path,
      TIDEMILL_STACK_FILE: path.join(folder.path, "stack.json"),
      TIDEMILL_CONN_FORGOTTEN: "postgres://db/x",
    },
  });

beforeAll(async () => {
  folder = await dagFolder({
    "connections.ts": `const ref = (connectionId, system, version) =>
      ({ connectionId, system, open: async () => ({}), test: async () => version });
    export const bus = ref("bus", "Kafka", "Kafka cluster x, 1 broker(s)");
    export const files = ref("files", "FTP server", "folder with 2 files");
    const code = "ECONNREFUSED";
    const test = async () => { throw Object.assign(new AggregateError([]), { code }); };
    export const shop = { ...ref("shop", "Shop"), test };`,
  });
  const connections = {
    postgres: "postgres://127.0.0.1/tidemill",
    bus: "kafka://127.0.0.1:1",
    files: "ftp://127.0.0.1:1",
    shop: "http://127.0.0.1:1",
  };
  await writeFile(path.join(folder.path, "stack.json"), JSON.stringify({ connections }));
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

test("connections list leaves out what the local stack offers and nothing asks for", async () => {
  const { stdout } = await run("connections", "list", "--output", "json");
  expect(JSON.parse(stdout)).toEqual([
    { connectionId: "bus", system: "Kafka", source: "local stack" },
    { connectionId: "files", system: "FTP server", source: "local stack" },
    { connectionId: "shop", system: "Shop", source: "local stack" },
    { connectionId: "forgotten", system: null, source: "TIDEMILL_CONN_FORGOTTEN" },
  ]);
});

test("connections test names the system once", async () => {
  const bus = await run("connections", "test", "bus");
  expect(bus.stdout).toMatch(/^bus reaches Kafka cluster x, 1 broker\(s\) in \d+ ms\n$/);
  const files = await run("connections", "test", "files");
  expect(files.stdout).toMatch(/^files reaches FTP server folder with 2 files in \d+ ms\n$/);
});

test("connections test says what an error without a message says: its code", async () => {
  const shop = await run("connections", "test", "shop");
  expect(shop.stderr).toContain("ECONNREFUSED");
  expect(shop.exitCode).toBe(1);
});
