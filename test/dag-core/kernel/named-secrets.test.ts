import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../../packages/dag-core/src/kernel/config.ts";
import {
  namedSecretsOf,
  passwordsOfUri,
  secretsOf,
} from "../../../packages/dag-core/src/kernel/named-secrets.ts";

describe("secretsOf", () => {
  test("takes values by name, and passwords of URIs by form", () => {
    const env = {
      GITHUB_TOKEN: "token-value",
      PGPASSWORD: "pg-password",
      AWS_SECRET_ACCESS_KEY: "aws-secret",
      TIDEMILL_CONN_DWH: "postgres://etl:p%40ssword@db/dwh",
      TIDEMILL_CONN_BUS: "kafka://b:9092?username=app&password=bus%20pass",
      TELEGRAM_BOT_TOKEN_FILE: "/run/secrets/token",
      KEYBOARD: "qwertz",
      PWD: "/home/app",
      SHORT_TOKEN: "abc",
    };
    expect([...secretsOf(env)].sort()).toEqual(
      [
        "aws-secret",
        "bus pass",
        "bus%20pass",
        "p%40ssword",
        "p@ssword",
        "pg-password",
        "token-value",
      ].sort(),
    );
  });

  test("a variable listed as public is none by its name, while a password in it stays one", () => {
    const env = {
      PARTITION_KEY: "warehouse_main",
      SORT_KEYS: "postgres://etl:p4ssword@db/dwh",
      API_KEY: "api-key-value",
      TIDEMILL_PUBLIC_VARIABLES: "PARTITION_KEY, SORT_KEYS",
    };
    expect([...secretsOf(env)].sort()).toEqual(["api-key-value", "p4ssword"]);
    expect(namedSecretsOf(env)).toContainEqual({
      name: "API_KEY",
      value: "api-key-value",
      isByName: true,
    });
  });

  test.each(["TIDEMILL_WEBHOOK_SECRET", "TELEGRAM_BOT_TOKEN", "A KEY", "A_KEY;B_KEY"])(
    "%s cannot be listed as public",
    (name) => {
      const env = { TIDEMILL_PUBLIC_VARIABLES: `PARTITION_KEY, ${name}` };
      expect(() => loadConfig({ env })).toThrow(/names of variables of your own/);
    },
  );

  test("finds a password that should have been encoded", () => {
    expect(passwordsOfUri("postgres://u:a/b@c@db/x")).toEqual(["a/b@c"]);
  });
});
