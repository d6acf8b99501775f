import { expect, test } from "@jest/globals";
import craftMarketDwh from "../../../dags/craft_market/craft_market_dwh.ts";
import { pipelines } from "../../../demo/pipelines/index.ts";

const minuteMs = 60_000;
const { manifest } = craftMarketDwh;

test("craft_market_dwh runs daily, one run at a time, with two retries after five minutes", () => {
  expect(craftMarketDwh.dagId).toBe("craft_market_dwh");
  expect(manifest.schedule).toMatchObject({ kind: "cron", crons: ["0 0 * * *"] });
  expect(manifest.maxActiveRuns).toBe(1);
  expect(manifest.description).toMatch(/\.$/);
  for (const task of manifest.tasks) {
    expect(task).toMatchObject({ retries: 2, retryDelayMs: 5 * minuteMs });
    expect(task.timeoutMs).toBeGreaterThan(0);
  }
});

test("sources, staging, three dimensions, facts, marts, views: each after what it reads", () => {
  expect(
    Object.fromEntries(manifest.tasks.map(({ taskId, upstream }) => [taskId, upstream])),
  ).toEqual({
    init_schema: [],
    load_sources: ["init_schema"],
    check_sources: ["load_sources"],
    stage_tmp_sources: ["check_sources"],
    merge_d_craftsman: ["stage_tmp_sources"],
    merge_d_customer: ["stage_tmp_sources"],
    merge_d_product: ["stage_tmp_sources"],
    merge_f_order: ["merge_d_craftsman", "merge_d_customer", "merge_d_product"],
    check_star: ["merge_f_order"],
    refresh_customer_report_datamart: ["check_star"],
    refresh_craftsman_report_datamart: ["check_star"],
    check_marts: ["refresh_customer_report_datamart", "refresh_craftsman_report_datamart"],
    refresh_views: ["check_marts"],
  });
});

test("a scheduled run takes the sources as they are; sample data is asked for", () => {
  expect(pipelines.find(({ name }) => name === "craft_market")).toMatchObject({
    database: "craft_market",
    pass: [{ dagId: "craft_market_dwh", params: { sources: "generated", scale: "demo" } }],
  });
});
