import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import { runNode } from "../helpers/cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const marts = [
  "daily_business_summary",
  "product_performance",
  "category_performance",
  "user_engagement",
  "active_users_7d",
  "session_analytics",
  "campaign_performance",
  "geo_analysis",
  "device_analysis",
  "weather_visits",
].map((mart) => `data_mart.${mart}`);

interface Result {
  readonly ok: boolean;
  readonly reconciled: boolean;
  readonly seconds: number;
  readonly dags: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, number>>;
}

describe("npm start", () => {
  const cwd = mkdtempSync(join(tmpdir(), "tidemill-start-"));
  afterAll(() => rmSync(cwd, { recursive: true, force: true, maxRetries: 3 }));

  const start = (...args: readonly string[]) =>
    runNode(
      `${root}demo/start.ts`,
      args,
      { TIDEMILL_DAGS_FOLDER: `${root}dags`, TIDEMILL_SQL_FOLDER: `${root}sql` },
      cwd,
    );
  const once = async (): Promise<Result> => {
    const { code, stdout, stderr } = await start("--once", "--output", "json");
    if (code !== 0) throw new Error(`exit code ${code}: ${stdout}\n${stderr}`);
    return JSON.parse(stdout) as Result;
  };

  test("--once fills every mart, reconciled; a second pass adds events and stays reconciled", async () => {
    const first = await once();
    expect(first).toMatchObject({ ok: true, reconciled: true });
    expect(Object.values(first.dags)).toEqual(Array(6).fill("success"));
    for (const mart of marts) expect([mart, first.rows[mart]]).toEqual([mart, expect.any(Number)]);
    expect(marts.filter((mart) => first.rows[mart] === 0)).toEqual([]);

    const second = await once();
    expect(second).toMatchObject({ ok: true, reconciled: true });
    expect(second.rows["raw.events"]).toBeGreaterThan(first.rows["raw.events"] ?? 0);
  }, 240_000);

  test("--help names the pipelines", async () => {
    const { code, stdout } = await start("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("shop_events, craft_market, shop_sales, payments_app, overdue_loans");
  });

  test.each([
    ["--onse", "--onse"],
    ["--output=xml", "use table or json"],
    ["--pipeline=shop_event", "use one of shop_events"],
  ])("%s is refused with what is allowed, before anything starts", async (option, told) => {
    const { code, stdout, stderr } = await start(option);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(told);
  });
});
