import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";

import { expect, test } from "@jest/globals";
import pg from "pg";

import { killAll, stackDirectory, withStack } from "../helpers/stack-directory.ts";

const directory = stackDirectory();
const services = ["postgres"] as const;
// Making a new cluster is the slow part of a start; only tests of that do it.
const shared = join(directory, "shared");

async function ask(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

test("serves the run log's database and the extra ones, and keeps their data", async () => {
  const options = { directory: shared, services, databases: ["shop_events"] };
  await withStack(options, async ({ addresses }) => {
    const { databaseUrl, connections } = addresses;
    expect(await ask(databaseUrl, "select current_database()")).toEqual(["tidemill"]);
    expect(await ask(databaseUrl, "show fsync")).toEqual(["on"]);
    expect(await ask(databaseUrl, "show listen_addresses")).toEqual(["127.0.0.1"]);
    await ask(connections["shop_events"] ?? "", "create table kept as select 42 as answer");
  });
  await withStack(options, async ({ addresses }) => {
    const url = addresses.connections["shop_events"] ?? "";
    expect(await ask(url, "select answer from kept")).toEqual([42]);
  });
});

test("a fresh start drops the data, a restart of the service does not", async () => {
  const options = { directory: join(directory, "fresh"), services };
  await withStack(options, ({ addresses }) => ask(addresses.databaseUrl, "create table old ()"));
  await withStack({ ...options, fresh: true }, async (stack) => {
    const url = stack.addresses.databaseUrl;
    expect(await ask(url, "select to_regclass('old')")).toEqual([null]);
    await ask(url, "create table young ()");
    await stack.restart("postgres");
    expect(stack.addresses.databaseUrl).toBe(url);
    expect(await ask(url, "select to_regclass('young')::text")).toEqual(["young"]);
  });
});

test("takes another port when the preferred one is taken", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const options = { directory: shared, services, ports: { postgres: port } };
  await withStack(options, async ({ addresses }) => {
    expect(new URL(addresses.databaseUrl).port).not.toBe(String(port));
    expect(await ask(addresses.databaseUrl, "select 1")).toEqual([1]);
  });
  holder.close();
});

test("starts after a kill of every process, and keeps committed rows", async () => {
  const options = { directory: shared, services };
  await withStack(options, async (stack) => {
    await ask(stack.addresses.databaseUrl, "create table survivor as select 7 as answer");
    await killAll(stack.processIds.postgres);
    await stack.restart("postgres");
    expect(await ask(stack.addresses.databaseUrl, "select answer from survivor")).toEqual([7]);
  });
});

test("a pid file that names a living stranger does not bar the start", async () => {
  const options = { directory: shared, services };
  await withStack(options, () => Promise.resolve());
  const data = join(options.directory, "postgres", "data");
  const lines = [String(process.pid), data, "0", "5432", "", "127.0.0.1", "", "ready"];
  writeFileSync(join(data, "postmaster.pid"), lines.join("\n"));
  await withStack(options, async ({ addresses }) => {
    expect(await ask(addresses.databaseUrl, "select 1")).toEqual([1]);
  });
});

test("keeps the password and the addresses from other accounts", async () => {
  const options = { directory: shared, services };
  await withStack(options, () => {
    for (const path of ["stack.json", "postgres/password"]) {
      expect(statSync(join(options.directory, path)).mode & 0o777).toBe(0o600);
    }
    return Promise.resolve();
  });
});

test("starts in a folder that only this account may enter", async () => {
  const closed = join(directory, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0o700);
  await withStack({ directory: join(closed, "stack"), services }, async ({ addresses }) => {
    expect(await ask(addresses.databaseUrl, "select 1")).toEqual([1]);
  });
});

test("a server that does not come up names its log and shows the end of it", async () => {
  const options = {
    directory: shared,
    services,
    postgresSettings: { max_connections: "many" },
  };
  await expect(withStack(options, () => Promise.resolve())).rejects.toMatchObject({
    code: "TIDEMILL_LOCAL_NOT_STARTED",
    message: expect.stringMatching(/postgres\.log".*max_connections/s) as unknown,
  });
});
