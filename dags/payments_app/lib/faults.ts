import type { TaskContext } from "@tidemill/dag-core";
import { paymentsApp } from "../../connections.ts";
import { sql } from "./sql.ts";

/** The faults that stop a batch, each behind a switch of the generator. */
export const faults = [
  "transactions_empty",
  "transaction_conflict",
  "control_total",
  "rate_missing",
] as const;
export type Fault = (typeof faults)[number];

/** Takes away the fault that the emulated sources have, then gives them another, if one is named. */
export const setFault = (ctx: TaskContext, fault: Fault | "none"): Promise<null> =>
  ctx.transaction(paymentsApp, "fault", async (tx) => {
    await sql.run(tx, "transform/faults/repair.sql");
    if (fault !== "none") await sql.run(tx, `transform/faults/${fault}.sql`);
    return null;
  });
