import type { TaskContext } from "@tidemill/dag-core";
import { paymentsApp } from "../../connections.ts";
import { type CheckedCounts, runLog } from "../../lib/run-log.ts";
import { sql } from "./sql.ts";

const inRunLog = runLog(paymentsApp, sql);

/** Runs a step of a batch and leaves its row in `etl.run_log`, under the batch's own day. */
export const logged = <Counts extends CheckedCounts>(
  ctx: TaskContext,
  batchDt: string,
  step: () => Promise<Counts>,
): Promise<Counts> => inRunLog(ctx, step, { businessDate: batchDt });
