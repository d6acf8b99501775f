import { describe, expect, test } from "@jest/globals";
import { outcomeMask } from "../../../packages/dag-core/src/executor/mask-outcome.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";

const token = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr";
const word = "postgres";
const secrets = [token, word];
const mask = outcomeMask(secrets, createRedactor(secrets));

describe("what attempts bring back", () => {
  test("an output and a cursor lose a token, wherever it stands in them", () => {
    const output = JSON.stringify({
      url: `https://x/bot${token}/send`,
      list: [token, 1],
      ok: true,
    });
    const masked = mask({ kind: "success", output, state: { seen: JSON.stringify(token) } });
    expect(JSON.stringify(masked)).not.toContain(token);
    expect(masked).toMatchObject({ kind: "success", state: { seen: '"***"' } });
    expect(JSON.parse((masked as { output: string }).output)).toMatchObject({
      list: ["***", 1],
      ok: true,
    });
  });

  test("a password that is an ordinary word leaves data as it is, and is masked in messages", () => {
    const output = JSON.stringify({ system: "postgres" });
    expect(mask({ kind: "success", output })).toEqual({ kind: "success", output });
    expect(mask({ kind: "skipped", message: "no postgres" })).toEqual({
      kind: "skipped",
      message: "no ***",
    });
  });

  test("an error loses every secret, in its message and its stack", () => {
    const error = { class: "Error", message: `told ${token}`, stack: `at ${word}` };
    expect(mask({ kind: "failed", reason: "error", retry: "policy", error })).toMatchObject({
      error: { class: "Error", message: "told ***", stack: "at ***" },
    });
  });
});
