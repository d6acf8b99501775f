import { FailTask, type TaskContext } from "@tidemill/dag-core";
import { shopSales } from "../../connections.ts";
import { sql } from "./sql.ts";

interface CheckResult {
  readonly table_name: string;
  readonly dq_check_name: string;
  /** 0 passed, 1 failed. */
  readonly dq_check_result: number;
  readonly found: string;
}

/** Fewer different customers in the log of a day mean that the log is not whole. */
const leastCustomers = 3;

/**
 * Checks the files of a day as they were read, and keeps the results in `staging.dq_checks_results`.
 *
 * @throws FailTask when a check does not hold; the results are kept all the same.
 */
export async function dqChecks(
  ctx: TaskContext,
  { loadKey, date }: { readonly loadKey: string; readonly date: string },
): Promise<{ checks: number }> {
  const results = await ctx.transaction(shopSales, "dq_checks", async (tx) => {
    const { rows } = await sql.run<CheckResult>(tx, "transform/dq/checks.sql", {
      load_key: loadKey,
      business_dt: date,
      least_customers: leastCustomers,
    });
    return rows.map((row) => ({ ...row }));
  });
  const failed = results.filter((result) => result.dq_check_result !== 0);
  if (failed.length === 0) return { checks: results.length };
  const problems = failed.map(
    ({ table_name, dq_check_name, found }) => `${table_name}: "${dq_check_name}" found ${found}`,
  );
  throw new FailTask(
    `Files of ${date} did not pass their checks (${problems.join("; ")}); the marts are as before, have the files corrected and run the day again`,
  );
}
