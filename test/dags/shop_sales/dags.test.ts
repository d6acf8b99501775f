import { expect, test } from "@jest/globals";
import { incrementWindow } from "../../../dags/shop_sales/lib/window.ts";
import uploadHistData from "../../../dags/shop_sales/upload_hist_data.ts";
import uploadIncData from "../../../dags/shop_sales/upload_inc_data.ts";

const edges = (dag: typeof uploadIncData): Record<string, readonly string[]> =>
  Object.fromEntries(dag.manifest.tasks.map(({ taskId, upstream }) => [taskId, upstream]));

test("upload_inc_data: daily, catch-up, one active run, no retries, the window of the sample", () => {
  const { manifest } = uploadIncData;
  expect(uploadIncData.dagId).toBe("upload_inc_data");
  expect(manifest).toMatchObject({
    schedule: { kind: "cron", crons: ["0 0 * * *"] },
    catchup: "all",
    maxActiveRuns: 1,
    startDate: "2024-10-08T00:00:00.000Z",
    endDate: "2024-10-14T00:00:00.000Z",
    description: expect.stringMatching(/\.$/),
  });
  for (const task of manifest.tasks) {
    expect(task.retries).toBe(0);
    expect(task.timeoutMs).toBeGreaterThan(0);
  }
});

test("upload_inc_data: the tasks of the specification, cities before customers, retention last", () => {
  expect(edges(uploadIncData)).toEqual({
    apply_migrations: [],
    generate_report: ["apply_migrations"],
    get_report: ["generate_report"],
    get_increment: ["get_report"],
    delete_from_staging: ["get_increment"],
    upload_increment_data_to_staging: expect.arrayContaining(["delete_from_staging"]),
    dq_checks: ["upload_increment_data_to_staging"],
    update_d_city: ["dq_checks"],
    update_d_customer: ["update_d_city"],
    update_d_item: ["dq_checks"],
    update_f_sales: ["update_d_customer", "update_d_item"],
    update_f_customer_retention: ["update_f_sales"],
  });
});

test("upload_hist_data: once, no retries, the tasks of the specification", () => {
  expect(uploadHistData.manifest).toMatchObject({
    dagId: "upload_hist_data",
    schedule: { kind: "once" },
    maxActiveRuns: 1,
  });
  expect(uploadHistData.manifest.tasks.every(({ retries }) => retries === 0)).toBe(true);
  expect(Object.keys(edges(uploadHistData))).toEqual([
    "apply_migrations",
    "generate_report",
    "get_report",
    "upload_history_to_staging",
    "update_d_city",
    "update_d_customer",
    "update_d_item",
    "update_f_sales",
    "update_f_customer_retention",
  ]);
});

test("the window is a setting: a shop of one's own goes on without an end", () => {
  expect(incrementWindow({})).toEqual({ firstDay: "2024-10-08", lastDay: "2024-10-14" });
  expect(incrementWindow({ SHOP_SALES_FIRST_DAY: "2026-01-05" })).toEqual({
    firstDay: "2026-01-05",
    lastDay: undefined,
  });
});
