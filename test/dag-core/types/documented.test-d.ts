import {
  type ConnectionRef,
  dag,
  type DataInterval,
  type MarkerTransaction,
  type OutputOf,
  type TaskContext,
  type Transactional,
} from "@tidemill/dag-core";
import { z } from "zod";
import { type Equal, expectTrue } from "./equal.ts";

interface Sql extends Transactional<SqlTransaction> {
  query(sql: string): Promise<{ rowCount: number }>;
}
interface SqlTransaction extends MarkerTransaction {
  copyFrom(table: string, path: string): Promise<{ rowCount: number }>;
}
declare const dwh: ConnectionRef<Sql>;
declare const ops: ConnectionRef<{ send(text: string): Promise<void> }>;
declare function downloadOrders(
  region: string,
  interval: DataInterval,
  signal: AbortSignal,
): Promise<string>;

const runSql = async (ctx: TaskContext, sql: string) => (await ctx.open(dwh)).query(sql);

export const documented = dag(
  "orders_daily",
  {
    schedule: "0 3 * * *",
    timezone: "Europe/Moscow",
    startDate: "2024-01-01",
    catchup: "all",
    params: z.object({ region: z.enum(["eu", "us"]).default("eu") }),
  },
  ({ task }) => {
    const orders = task("extract_orders", {
      retries: 3,
      retryDelay: "5m",
      async run({ params, dataInterval, signal }) {
        const path = await downloadOrders(params.region, dataInterval, signal);
        return { path, region: params.region };
      },
    });
    expectTrue<Equal<OutputOf<typeof orders>, { path: string; region: "eu" | "us" }>>();

    const staged = task("stage_orders", {
      inputs: { orders },
      pool: "dwh",
      run: (ctx) =>
        ctx.transaction(dwh, "stage", (tx) => tx.copyFrom("stg.orders", ctx.inputs.orders.path)),
    });
    expectTrue<Equal<OutputOf<typeof staged>, { rowCount: number }>>();

    const mart = task("build_mart", {
      after: [staged],
      run: (ctx) => runSql(ctx, `call build('${ctx.params.region}')`),
    });
    task("report", {
      inputs: { mart },
      triggerRule: "all_done",
      run: ({ inputs, log }) => log.info("rows", { n: inputs.mart?.rowCount ?? 0 }),
    });
    task("alert", {
      after: [mart],
      triggerRule: "one_failed",
      run: async (ctx) => (await ctx.open(ops)).send(`${ctx.dagId} failed`),
    });
    task("cursor", {
      async run({ state }) {
        const last = (await state.get<number>("last")) ?? 0;
        state.set("last", last + 1);
        // @ts-expect-error a Date cannot be stored
        state.set("at", new Date());
      },
    });
    task("no_date_in_a_transaction", {
      // @ts-expect-error the result of a transaction is stored, so it must survive JSON
      run: (ctx) => ctx.transaction(dwh, "x", async () => ({ at: new Date() })).then(() => 1),
    });
    // @ts-expect-error this connection has no transactions
    task("no_transaction", { run: (ctx) => ctx.transaction(ops, "x", async () => 1) });
  },
);
