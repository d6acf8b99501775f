import { describe, expect, test } from "@jest/globals";
import { examine } from "../../../packages/dag-core/src/cli/examine.ts";
import { loadConfig } from "../../../packages/dag-core/src/kernel/config.ts";

const secret = { TIDEMILL_WEBHOOK_SECRET: "0123456789abcdef" };

async function alertsOf(env: Readonly<Record<string, string>>) {
  const nowhere = { TIDEMILL_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };
  const findings = await examine(loadConfig({ env: { ...nowhere, ...secret, ...env } }));
  return findings.filter(({ subject }) => subject === "alerts");
}

describe("what doctor says of webhooks", () => {
  test("that no alert would be sent to, before one is", async () => {
    const route = { tag: "finance", webhook: "http://192.168.0.7/hook" };
    const found = await alertsOf({
      TIDEMILL_WEBHOOK_URL: "http://127.0.0.1:9/hook",
      TIDEMILL_ALERT_ROUTES: JSON.stringify([route]),
    });
    const refusal = (host: string) => ({
      verdict: "problem",
      says: expect.stringMatching(`^Webhook host "${host}" .* or set TIDEMILL_WEBHOOK_PRIVATE=`),
    });
    expect(found).toMatchObject([refusal("127.0.0.1"), refusal("192.168.0.7")]);
  });

  test("that take them", async () => {
    const own = { TIDEMILL_WEBHOOK_URL: "http://127.0.0.1:9/hook" };
    expect(await alertsOf({ ...own, TIDEMILL_WEBHOOK_PRIVATE: "true" })).toEqual([
      { subject: "alerts", verdict: "good", says: "to the webhook at 127.0.0.1:9" },
    ]);
  });

  test("whose host has no address", async () => {
    const own = { TIDEMILL_WEBHOOK_URL: "http://nowhere.invalid/hook" };
    expect(await alertsOf(own)).toMatchObject([
      { verdict: "problem", says: expect.stringContaining('"nowhere.invalid" is not found from') },
    ]);
  });
});
