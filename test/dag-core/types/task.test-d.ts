import { dag, type TaskContext } from "@tidemill/dag-core";
import { z } from "zod";
import { type Equal, expectTrue } from "./equal.ts";

interface Orders {
  path: string;
  rows: number;
}

interface SqlFileOptions {
  readonly connection: string;
  readonly file: string;
}
const sqlFile =
  ({ file }: SqlFileOptions) =>
  async (ctx: TaskContext): Promise<{ rowCount: number }> => ({
    rowCount: file.length + ctx.tryNumber,
  });
const telegram = (text: (ctx: TaskContext) => string) => async (ctx: TaskContext) => void text(ctx);

const params = z.object({ region: z.enum(["eu", "us"]).default("eu") });

export const ordersDaily = dag(
  "orders_daily",
  { schedule: "0 3 * * *", startDate: "2024-01-01", catchup: "all", params },
  ({ task }) => {
    const orders = task("extract_orders", {
      retries: 3,
      retryDelay: "5m",
      async run({ params, dataInterval }) {
        expectTrue<Equal<typeof params.region, "eu" | "us">>();
        const start = dataInterval.start.toISOString();
        const found: Orders = { path: `s3://x/${params.region}/${start}`, rows: 10 };
        return found;
      },
    });
    const items = task("extract_items", { run: async () => ["a", "b"] });

    const loaded = task("load_orders", {
      inputs: { orders, items },
      pool: "dwh",
      async run({ inputs }) {
        expectTrue<Equal<typeof inputs.orders, Orders>>();
        expectTrue<Equal<typeof inputs.items, string[]>>();
        // @ts-expect-error no such input
        void inputs.customers;
        // @ts-expect-error no such field
        void inputs.orders.file;
        return { loaded: inputs.orders.rows + inputs.items.length };
      },
    });
    const mart = task("build_mart", {
      after: [loaded],
      run: sqlFile({ connection: "dwh", file: "marts/f_orders.sql" }),
    });

    task("report", {
      inputs: { mart, loaded },
      triggerRule: "all_done",
      run({ inputs }) {
        expectTrue<Equal<typeof inputs.mart, { rowCount: number } | undefined>>();
        // @ts-expect-error 'mart' may be undefined: the rule is all_done
        return inputs.mart.rowCount;
      },
    });
    task("alert", {
      after: [mart],
      triggerRule: "one_failed",
      run: telegram((ctx) => `${ctx.dagId} failed`),
    });

    task("every_option", {
      description: "All that a task may say",
      after: [mart],
      retries: 1,
      retryDelay: "1.5m",
      retryBackoff: "exponential",
      maxRetryDelay: "1h",
      retryJitter: "full",
      timeout: "2h",
      pool: "dwh",
      poolSlots: 2,
      priorityWeight: 10,
      weightRule: "absolute",
      maxActivePerDag: 1,
      concurrencyKey: { key: "api", limit: 2 },
      isolation: "fresh",
      run: async () => undefined,
    });
  },
);

dag("refusals", { schedule: null, startDate: "2024-01-01" }, ({ task }) => {
  // @ts-expect-error a Date is not JSON
  task("bad_output", { run: async () => ({ at: new Date() }) });
  // @ts-expect-error nor is a bigint, however deep
  task("bad_bigint", { run: () => ({ rows: [{ id: 1n }] }) });
  // @ts-expect-error nor a function
  task("bad_function", { run: () => ({ next: () => 1 }) });
  // @ts-expect-error nor a Map
  task("bad_map", { run: () => new Map([["a", 1]]) });
  // @ts-expect-error an input is a task reference
  task("bad_input", { inputs: { orders: 42 }, run: async () => 1 });
  // @ts-expect-error misspelled option
  task("bad_option", { retrys: 3, run: async () => 1 });
  // @ts-expect-error a duration is a number and a unit
  task("bad_duration", { timeout: "5 minutes", run: async () => 1 });
  // @ts-expect-error no such rule
  task("bad_rule", { triggerRule: "all_succeeded", run: async () => 1 });
  // @ts-expect-error a task has a function
  task("no_run", { retries: 1 });
  // @ts-expect-error used before its declaration: a cycle cannot be written
  const a = task("a", { after: [b], run: async () => 1 });
  // @ts-expect-error the other half of it
  const b = task("b", { after: [a], run: async () => 1 });
});

dag("no_params", { schedule: null, startDate: "2024-01-01" }, ({ task }) => {
  task("a", {
    run({ params }) {
      // @ts-expect-error the DAG declares no params
      void params.region;
    },
  });
});

// @ts-expect-error a DAG has a start date
dag("no_start", { schedule: "@daily" }, () => undefined);
// @ts-expect-error misspelled option
dag("bad_option", { shedule: "@daily", startDate: "2024-01-01" }, () => undefined);
// @ts-expect-error the distance is a duration
dag("bad_every", { schedule: { every: "5 minutes" }, startDate: "2024-01-01" }, () => undefined);
