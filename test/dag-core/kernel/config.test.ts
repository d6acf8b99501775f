import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../packages/dag-core/src/kernel/config.ts";
import { Secret } from "../../../packages/dag-core/src/kernel/secret.ts";
import { settings } from "../../../packages/dag-core/src/kernel/settings.ts";
import { connectionVariable } from "../../../packages/dag-core/src/kernel/connections.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "tidemill-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const stack = (content: unknown): void => {
  mkdirSync(join(cwd, ".tidemill"));
  writeFileSync(join(cwd, ".tidemill/stack.json"), JSON.stringify(content));
};

describe("loadConfig", () => {
  test("has a default for every setting that needs one", () => {
    const config = loadConfig({ env: {}, cwd });
    expect(config).toMatchObject({
      schema: "tidemill",
      dagsFolder: join(cwd, "dags"),
      tickMs: 1_000,
      leaseMs: 15_000,
      heartbeatMs: 5_000,
      drainMs: 30_000,
      xcomLimitBytes: 262_144,
      infraRetries: 3,
      pausedAtCreation: false,
      logLevel: "info",
      telegram: { url: "https://api.telegram.org" },
    });
    expect(config.runners).toBeGreaterThan(0);
    expect(config.databaseUrl).toBeUndefined();
    expect(config.warnings).toEqual([]);
  });

  test.each(settings.filter((setting) => setting.default !== undefined))(
    "$name can be set to its own default",
    ({ name, key, default: text }) => {
      const config = loadConfig({ env: { [name]: text }, cwd });
      const plain = loadConfig({ env: {}, cwd });
      expect(Reflect.get(config, key)).toEqual(Reflect.get(plain, key));
    },
  );

  test.each([
    ["TIDEMILL_LEASE", "15", '"15", which must be a number and a unit'],
    ["TIDEMILL_LEASE", "40d", "must be at most 24d"],
    ["TIDEMILL_RUNNERS", "0", "must be at least 1"],
    ["TIDEMILL_INFRA_RETRIES", "1.5", "must be a whole number"],
    ["TIDEMILL_PARALLELISM", "many", "must be a whole number"],
    ["TIDEMILL_SCHEMA", 'x"; drop', "must be 1 to 63 of a-z 0-9 _"],
    ["TIDEMILL_PAUSED_AT_CREATION", "perhaps", "must be true or false"],
    ["TIDEMILL_LOG_LEVEL", "loud", "must be one of error, warn, info, debug"],
    ["TIDEMILL_TELEGRAM_URL", "ftp://host", "must be an http or https URL"],
    ["TELEGRAM_CHAT_ID", "me", "must be a number or the @name"],
    ["TIDEMILL_HEARTBEAT", "8s", "more than half of the lease"],
    ["TIDEMILL_LEESE", "15s", 'no setting of Tidemill, did you mean "TIDEMILL_LEASE"'],
    ["TIDEMILL_LEASE_FILE", "x", "is no setting of Tidemill"],
    ["TIDEMILL_DATABASE_URL_FILE", "absent.txt", "cannot be read (ENOENT"],
  ])("refuses %s=%s", (name, value, message) => {
    expect(() => loadConfig({ env: { [name]: value }, cwd })).toThrow(message);
  });

  test("lets connections and the variables of tests pass, and counts an empty variable as absent", () => {
    const env = { TIDEMILL_CONN_X: "pg://h", TIDEMILL_TEST_ANY: "1", TIDEMILL_LEASE: "" };
    expect(loadConfig({ env, cwd }).leaseMs).toBe(15_000);
  });

  test("lets overrides win, and checks them alike", () => {
    const env = { TIDEMILL_LEASE: "20s" };
    expect(loadConfig({ env, cwd, overrides: { leaseMs: 30_000 } }).leaseMs).toBe(30_000);
    expect(() => loadConfig({ env, cwd, overrides: { runners: 0 } })).toThrow("TIDEMILL_RUNNERS");
  });

  test("reads the addresses of the local stack, behind the environment", () => {
    const databaseUrl = "postgres://local@h/tidemill";
    stack({ databaseUrl, connections: { dwh: "pg://stack", bus: "kafka://stack" }, pid: 1 });
    const config = loadConfig({ env: { TIDEMILL_CONN_DWH: "pg://env" }, cwd });
    expect(config.databaseUrl?.reveal()).toBe("postgres://local@h/tidemill");
    expect(config.connections.get("dwh")?.reveal()).toBe("pg://env");
    expect(config.connections.get("bus")?.reveal()).toBe("kafka://stack");
    expect(config.connections.ids()).toEqual(["bus", "dwh"]);
  });

  test("says what to do about a file that holds no stack", () => {
    stack({ databaseUrl: 5 });
    expect(() => loadConfig({ env: {}, cwd })).toThrow("start the local stack again");
  });

  test("reads secrets from files, without the last newline", () => {
    writeFileSync(join(cwd, "url"), "postgres://u:file-secret@h/db\n");
    const env = { TIDEMILL_DATABASE_URL_FILE: "url", TIDEMILL_CONN_DWH_FILE: join(cwd, "url") };
    const config = loadConfig({ env, cwd });
    expect(config.databaseUrl?.reveal()).toBe("postgres://u:file-secret@h/db");
    expect(config.connections.get("DWH")?.reveal()).toBe("postgres://u:file-secret@h/db");
    expect(config.secrets()).toContain("file-secret");
  });

  test("refuses a value and a file for one setting", () => {
    const env = { TELEGRAM_BOT_TOKEN: "1:a", TELEGRAM_BOT_TOKEN_FILE: "x" };
    expect(() => loadConfig({ env, cwd })).toThrow("set one of the two");
  });

  test("warns of a token without a chat", () => {
    const config = loadConfig({ env: { TELEGRAM_BOT_TOKEN: "1:abc" }, cwd });
    expect(config.warnings).toEqual([expect.stringContaining("TELEGRAM_CHAT_ID")]);
  });

  test("is frozen", () => {
    const config = loadConfig({ env: {}, cwd });
    expect(Object.isFrozen(config) && Object.isFrozen(config.telegram)).toBe(true);
    expect(Object.isFrozen(config.warnings) && Object.isFrozen(config.connections)).toBe(true);
  });

  test("prints no secret in any way of printing", () => {
    const env = {
      TIDEMILL_DATABASE_URL: "postgres://u:s3cret-db@h/db",
      TIDEMILL_CONN_DWH: "postgres://u:s3cret-dwh@h/db",
      TELEGRAM_BOT_TOKEN: "1234567:s3cret-token",
    };
    const config = loadConfig({ env, cwd });
    const printed = [
      inspect(config, { depth: 9, showHidden: true, getters: true }),
      JSON.stringify(config),
      `${String(config.databaseUrl)} ${String(config.telegram.token)}`,
      inspect(config.connections.get("dwh"), { showHidden: true, showProxy: true }),
    ].join("\n");
    expect(printed).not.toContain("s3cret");
    expect(printed).toContain("***");
    expect(config.secrets()).toEqual(
      expect.arrayContaining(["s3cret-db", "s3cret-dwh", "1234567:s3cret-token"]),
    );
  });
});

describe("connections", () => {
  test("have a variable each, named by their ids", () => {
    expect(connectionVariable("shop-dwh")).toBe("TIDEMILL_CONN_SHOP_DWH");
  });

  test("finds an address whatever the case and punctuation of its id", () => {
    const env = { TIDEMILL_CONN_SHOP_DWH: "pg://h" };
    expect(loadConfig({ env, cwd }).connections.has("shop-dwh")).toBe(true);
  });
});

test("a secret gives itself away only when asked", () => {
  const secret = new Secret("s3cret");
  expect([`${secret}`, String(secret), JSON.stringify({ secret }), inspect({ secret })]).toEqual([
    "***",
    "***",
    '{"secret":"***"}',
    "{ secret: *** }",
  ]);
  expect(secret.reveal()).toBe("s3cret");
});
