import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { ConnectionRef } from "@tidemill/dag-core";
import {
  AttemptConnections,
  connectionUri,
  environmentSecrets,
} from "../../../packages/dag-core/src/context/connections.ts";

const uri = "postgres://etl:s3cret-word@db:5432/dwh?sslmode=require";

interface Hook extends AsyncDisposable {
  readonly uri: string;
}

function setup(env: Record<string, string> = { TIDEMILL_CONN_DWH: uri, TIDEMILL_CONN_OPS: "ops" }) {
  const events: string[] = [];
  const warnings: string[] = [];
  const { signal } = new AbortController();
  const warn = (message: string) => void warnings.push(message);
  const connections = new AttemptConnections({ env, taskId: "load", signal, warn });
  const ref = (connectionId: string, problem?: Error): ConnectionRef<Hook> => ({
    connectionId,
    system: "PostgreSQL",
    test: () => Promise.resolve(""),
    open: async (given) => {
      events.push(`open ${connectionId}`);
      await Promise.resolve();
      if (problem) throw problem;
      return {
        uri: given,
        [Symbol.asyncDispose]: () => {
          events.push(`close ${connectionId}`);
          return connectionId === "ops" ? Promise.reject(new Error("gone")) : Promise.resolve();
        },
      };
    },
  });
  return { connections, ref, events, warnings };
}

describe("the address of a connection", () => {
  test("is in its variable", async () => {
    expect(await connectionUri("dwh-eu", { TIDEMILL_CONN_DWH_EU: ` ${uri}\n` })).toBe(uri);
  });

  test("or in a file, whose secrets are known as well", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tidemill-conn-"));
    const file = join(folder, "uri");
    await writeFile(file, `${uri}\n`);
    const env = { TIDEMILL_CONN_DWH_FILE: file };
    expect(await connectionUri("dwh", env)).toBe(uri);
    expect(await environmentSecrets(env)).toMatchObject([
      { name: "TIDEMILL_CONN_DWH_FILE", value: "s3cret-word" },
    ]);
    await rm(folder, { recursive: true });
  });

  test.each([
    [
      "no variable, a near one",
      { TIDEMILL_CONN_DWH: uri },
      /set TIDEMILL_CONN_DHW to a URI.*did you mean "dwh"\?/,
    ],
    ["no file", { TIDEMILL_CONN_DHW_FILE: "/nowhere/uri" }, /or TIDEMILL_CONN_DHW_FILE to a file/],
    ["nothing at all", {}, /^Connection "dhw" has no address; /],
  ])("%s", async (_name, env, message) => {
    await expect(connectionUri("dhw", env)).rejects.toMatchObject({
      code: "TIDEMILL_CONNECTION_MISSING",
      message: expect.stringMatching(message),
    });
  });
});

describe("the connections of an attempt", () => {
  test("are opened once and closed in reverse order", async () => {
    const { connections, ref, events } = setup({
      TIDEMILL_CONN_DWH: uri,
      TIDEMILL_CONN_RAW: uri,
    });
    const [first, second] = await Promise.all([
      connections.open(ref("dwh")),
      connections.open(ref("dwh")),
    ]);
    await connections.open(ref("raw"));
    expect(first).toBe(second);
    expect(first.uri).toBe(uri);
    await connections.close();
    expect(events).toEqual(["open dwh", "open raw", "close raw", "close dwh"]);
  });

  test("one that cannot be closed does not keep the others open", async () => {
    const { connections, ref, events, warnings } = setup();
    await connections.open(ref("dwh"));
    await connections.open(ref("ops"));
    await connections.close();
    expect(events.slice(2)).toEqual(["close ops", "close dwh"]);
    expect(warnings).toEqual(["PostgreSQL ops was not closed: gone"]);
  });

  test("one that cannot be reached is named without its password, and can be tried again", async () => {
    const { connections, ref, events } = setup();
    const refused = connections.open(ref("dwh", new Error("ECONNREFUSED")));
    await expect(refused).rejects.toMatchObject({
      code: "TIDEMILL_CONNECTION_UNREACHABLE",
      message:
        "PostgreSQL at postgres://db:5432/dwh cannot be reached (ECONNREFUSED); start it, or correct TIDEMILL_CONN_DWH",
    });
    await connections.open(ref("dwh"));
    expect(events).toEqual(["open dwh", "open dwh"]);
    await connections.close();
  });

  test("are refused when the attempt is over", async () => {
    const { connections, ref } = setup();
    await connections.close();
    await expect(connections.open(ref("dwh"))).rejects.toMatchObject({
      code: "TIDEMILL_STATE_REFUSED",
    });
  });
});
