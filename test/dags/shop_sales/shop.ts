import { randomUUID } from "node:crypto";
import type { Dag } from "@tidemill/dag-core";
import { runTask, type TaskResult } from "@tidemill/dag-core/testing";
import { addDays } from "../../../dags/shop_sales/lib/days.ts";
import uploadHistData from "../../../dags/shop_sales/upload_hist_data.ts";
import uploadIncData from "../../../dags/shop_sales/upload_inc_data.ts";
import {
  type ReportApiOptions,
  type ReportSource,
  startReportApi,
} from "../../../demo/services/report-api.ts";
import { targetDatabase } from "../../helpers/target-database.ts";

/** An order as a test says it; what it leaves out is filled in. */
export interface TestOrder {
  readonly uniqId: string;
  readonly customer: number | "";
  readonly item: number;
  readonly amount: string | number;
  readonly status?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly city?: number;
  readonly quantity?: number | string;
  /** The day in the row; defaults to the day of the file. */
  readonly day?: string;
}

/** 32 hex digits out of a short text. */
export const uniqId = (short: string): string =>
  Buffer.from(short).toString("hex").padStart(32, "0");

const orderColumns =
  "id,uniq_id,date_time,city_id,city_name,customer_id,first_name,last_name,item_id,item_name,quantity,payment_amount";

/** A file of orders; with a column `status` where any order has one. */
export function orderFile(day: string, orders: readonly TestOrder[]): string {
  const hasStatus = orders.some(({ status }) => status !== undefined);
  const lines = orders.map((order, index) => {
    const { customer, item, amount, city = 1, quantity = 1, status = "shipped" } = order;
    const { firstName = `First ${customer}`, lastName = `Last ${customer}` } = order;
    const cells = [index + 1, uniqId(order.uniqId), `${order.day ?? day}T00:00:00`, city];
    cells.push(
      `City ${city}`,
      customer,
      firstName,
      lastName,
      item,
      `Item ${item}`,
      quantity,
      amount,
    );
    return (hasStatus ? [...cells, status] : cells).join(",");
  });
  return [hasStatus ? `${orderColumns},status` : orderColumns, ...lines, ""].join("\n");
}

/** A file of actions of some customers, one each. */
export const activityFile = (
  day: string,
  customers: readonly (number | "")[] = [1, 2, 3],
): string =>
  [
    "id,uniq_id,date_time,action_id,customer_id,quantity",
    ...customers.map((customer, index) =>
      [index + 1, uniqId(`${day}a${index}`), `${day}T00:00:00`, 0, customer, 0].join(","),
    ),
    "",
  ].join("\n");

export const researchFile = (day: string): string =>
  `date_id,category_id,geo_id,sales_qty,sales_amt\n${day}T00:00:00,1001,1,2,768\n`;

export interface DayFiles {
  readonly orders: string;
  readonly activity?: string;
  readonly research?: string;
}

/** Files that a test can change between loads. */
class TestReports implements ReportSource {
  readonly key = "test";
  startDay = "2024-09-01";
  endDay = "2024-09-03";
  readonly days = new Map<string, DayFiles>();
  base: DayFiles = { orders: orderFile("2024-09-01", []) };

  history() {
    const { orders, activity = activityFile(this.startDay), research } = this.base;
    return {
      "user_order_log.csv": () => [orders],
      "user_activity_log.csv": () => [activity],
      "customer_research.csv": () => [research ?? researchFile(this.startDay)],
      "price_log.csv": () => ["Item 0,10.00\nItem 1,12.50\n"],
    };
  }

  increment(day: string) {
    const found = this.days.get(day);
    if (found === undefined) return undefined;
    const { orders, activity = activityFile(day), research = researchFile(day) } = found;
    return {
      "user_order_log_inc.csv": () => [orders],
      "user_activity_log_inc.csv": () => [activity],
      "customer_research_inc.csv": () => [research],
    };
  }
}

export type Results = ReadonlyMap<string, TaskResult>;

export interface RunOptions {
  readonly connections: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly runType?: "scheduled" | "manual" | "backfill";
  readonly date: string;
}

/** Runs the tasks of a DAG in order, outputs handed on; stops at the first that does not succeed. */
export async function runAll(dag: Dag, options: RunOptions): Promise<Results> {
  const { date, connections, params = {}, runType = "manual" } = options;
  const results = new Map<string, TaskResult>();
  const runId = `test__${randomUUID()}`;
  const dataInterval = { start: date, end: addDays(date, 1) };
  for (const task of dag.manifest.tasks) {
    const inputs = Object.fromEntries(
      Object.entries(task.inputs).map(([name, taskId]) => [name, results.get(taskId)?.output]),
    );
    const given = { connections, params: { pollEvery: "1ms", ...params }, inputs };
    const result = await runTask(dag, task.taskId, { ...given, runId, runType, dataInterval });
    results.set(task.taskId, result);
    if (result.state !== "success") break;
  }
  return results;
}

/** What the last task that ran said. */
export const lastOf = (results: Results): TaskResult & { readonly taskId: string } => {
  const [taskId, result] = [...results].at(-1) ?? [];
  if (taskId === undefined || result === undefined) throw new Error("no task ran");
  return { taskId, ...result };
};

const succeeded = (results: Results): Results => {
  const { taskId, state, error } = lastOf(results);
  if (state !== "success") throw new Error(`${taskId} is ${state}: ${error?.message ?? ""}`);
  return results;
};

const natural: Readonly<Record<string, string>> = {
  "mart.f_sales":
    "date_id, item_id, customer_id, city_id, quantity, payment_amount, status, uniq_id",
};

/** A warehouse and a report service of a test's own. */
export async function shop(options: Omit<ReportApiOptions, "source"> = {}) {
  const target = await targetDatabase();
  const reports = new TestReports();
  const api = await startReportApi({ source: reports, ...options });
  const connections = { shop_sales: target.uri, shop_reports: api.uri };
  /** As it came out, failures included. */
  const tryDay = (date: string, params: Readonly<Record<string, unknown>> = {}) =>
    runAll(uploadIncData, { connections, params, date });
  const loadDay = async (date: string, params?: Readonly<Record<string, unknown>>) =>
    succeeded(await tryDay(date, params));
  const loadHistory = async (params: Readonly<Record<string, unknown>> = {}) =>
    succeeded(await runAll(uploadHistData, { connections, params, date: "2024-01-01" }));
  return {
    ...target,
    reports,
    connections,
    tryDay,
    loadDay,
    loadHistory,
    give: (day: string, orders: readonly TestOrder[]) =>
      reports.days.set(day, { orders: orderFile(day, orders) }),
    /** All rows of a table, ids and all, in an order of their own. */
    rowsOf: async (table: string): Promise<string[]> => {
      const rows = await target.query<{ row: string }>(
        `select t::text as row from ${table} t order by 1`,
      );
      return rows.map(({ row }) => row);
    },
    /** The rows of a table without surrogate ids. */
    contentOf: async (table: string): Promise<unknown[]> =>
      target.query(
        natural[table] === undefined
          ? `select * from ${table} t order by t::text`
          : `select ${natural[table]} from ${table} order by uniq_id`,
      ),
    empty: async (): Promise<void> => {
      reports.days.clear();
      await target.query(
        `truncate mart.f_sales, mart.f_customer_retention, mart.d_customer, mart.d_item, mart.d_city,
           staging.user_order_log, staging.user_activity_log, staging.customer_research,
           staging.price_log, staging.dq_checks_results, dq.rejected_rows, etl.run_log`,
      );
    },
    [Symbol.asyncDispose]: async () => {
      await api[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    },
  };
}

export type Shop = Awaited<ReturnType<typeof shop>>;
