import { describe, expect, test } from "@jest/globals";
import type { Outcome } from "../../../packages/dag-core/src/definition/outcome.ts";
import { outcomeMask } from "../../../packages/dag-core/src/executor/mask-outcome.ts";
import { redactorOf } from "../../../packages/dag-core/src/kernel/named-secrets.ts";

const token = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr";
const word = "postgres";
const table = "warehouse_main";
const password = "p4ssword-of-dwh";
const secrets = [
  { name: "TELEGRAM_BOT_TOKEN", value: token, isByName: false },
  { name: "PGPASSWORD", value: word, isByName: true },
  { name: "PARTITION_KEY", value: table, isByName: true },
  { name: "DWH_PASS", value: password, isByName: true },
  { name: 'connection "dwh"', value: password, isByName: false },
];
const masking = outcomeMask(secrets, redactorOf(secrets));
const mask = (outcome: Outcome) => masking(outcome, "a");

const said = (outcome: Outcome): string => {
  const masked = mask(outcome);
  expect(masked).toMatchObject({ kind: "failed", reason: "serialization", retry: "never" });
  expect(JSON.stringify(masked)).not.toContain(table);
  return masked.kind === "failed" ? masked.error.message : "";
};
const output = (value: unknown): Outcome => ({ kind: "success", output: JSON.stringify(value) });

describe("what attempts bring back", () => {
  test("an output that holds a secret fails, with its place and its variable, and is not changed", () => {
    expect(said(output({ rows: 1, table: "warehouse_main.orders" }))).toBe(
      'The output of task "a" holds the value of PARTITION_KEY at $.table, and secrets are not stored; ' +
        "return what names it, or list the variable in TIDEMILL_PUBLIC_VARIABLES if it is none",
    );
    expect(said(output([{ list: ["x", table] }]))).toContain("PARTITION_KEY at $[0].list[1],");
    expect(said(output({ [table]: 1 }))).toContain("PARTITION_KEY at $,");
    expect(said(output({ a: Buffer.from(table).toString("base64") }))).toContain("PARTITION_KEY");
  });

  test("what no list can open is told without that way out", () => {
    const told = said(output({ url: `https://x/bot${token}/send` }));
    expect(told).toMatch(
      /holds a secret of TELEGRAM_BOT_TOKEN at \$\.url, .*return what names it$/,
    );
    expect(said(output({ password }))).toContain('holds a secret of connection "dwh" at');
    expect(said(output("ftp://etl:unknown@host/x"))).toContain("the password of a URI at $,");
  });

  test.each<[string, Outcome]>([
    ['state "seen"', { kind: "success", state: { seen: JSON.stringify({ table }) } }],
    ['event "e"', success({ payload: JSON.stringify({ table }), key: "k" })],
    ['key of event "e"', success({ payload: "null", key: table })],
    ["params of the run", { kind: "trigger", dagId: "d", params: JSON.stringify({ table }) }],
  ])("so does a secret in %s", (part, outcome) => {
    expect(said(outcome)).toContain(
      `The ${part} of task "a" holds the value of PARTITION_KEY at $`,
    );
  });

  test("a password that is an ordinary word leaves data as it is, and is masked in messages", () => {
    const outcome = output({ system: word, n: 123_456_789_012 });
    expect(mask(outcome)).toEqual(outcome);
    expect(mask({ kind: "skipped", message: "no postgres" })).toEqual({
      kind: "skipped",
      message: "no ***",
    });
  });

  test("the short lines of a long secret are ordinary data, its long ones are secrets", () => {
    const value = "[default]\nregion=eu-1\nkey=0123456789abcdef\n";
    const keys = [{ name: "AWS_CREDENTIALS", value, isByName: true }];
    const maskKeys = outcomeMask(keys, redactorOf(keys));
    const honest = output({ section: "[default]", where: "region=eu-1" });
    expect(maskKeys(honest, "a")).toEqual(honest);
    const held = output({ line: "key=0123456789abcdef" });
    expect(maskKeys(held, "a")).toMatchObject({ kind: "failed", reason: "serialization" });
  });

  test("an error loses every secret, in its message and its stack", () => {
    const error = { class: "Error", message: `told ${token}`, stack: `at ${word}` };
    expect(mask({ kind: "failed", reason: "error", retry: "policy", error })).toMatchObject({
      error: { class: "Error", message: "told ***", stack: "at ***" },
    });
  });
});

function success(event: { readonly payload: string; readonly key: string }): Outcome {
  return { kind: "success", events: [{ name: "e", ttlMs: 1, ...event }] };
}
