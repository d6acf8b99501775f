import { type ConnectionRef, type TaskContext, tidemillError } from "@tidemill/dag-core";
import type { PostgresHook } from "./hook.ts";
import { inlineParameters } from "./named-sql.ts";

/**
 * What the query must give. `"rows"` and `"no_rows"` ask whether there are any; the others look at the first
 * column of the first row: `true`, or a comparison with a number.
 */
export type Expectation =
  | "rows"
  | "no_rows"
  | "true"
  | { readonly equals: number | string }
  | { readonly atLeast: number }
  | { readonly atMost: number };

export interface PostgresCheckOf {
  /** Names the check in the error and the log. */
  readonly name: string;
  readonly sql: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly expect: Expectation;
  /** `fail` ends the task when the check does not hold, `warn` logs it. Defaults to `fail`. */
  readonly severity?: "fail" | "warn";
}

export interface PostgresCheckOptions {
  readonly on: ConnectionRef<PostgresHook>;
  readonly checks: readonly PostgresCheckOf[];
}

/** A sentence about what is wrong, or nothing. */
function problemOf(expect: Expectation, rows: readonly (readonly unknown[])[]): string | undefined {
  const value = rows[0]?.[0];
  const found = `gave ${rows.length === 0 ? "no row" : JSON.stringify(value)}`;
  const unless = (holds: boolean, wanted: string): string | undefined =>
    holds ? undefined : `${found}, not ${wanted}`;
  if (expect === "rows") return rows.length > 0 ? undefined : "found no row";
  if (expect === "no_rows")
    return rows.length === 0 ? undefined : `found rows, the first ${JSON.stringify(rows[0])}`;
  if (expect === "true") return unless(value === true, "true");
  const hasValue = value !== undefined && value !== null;
  if ("equals" in expect)
    return unless(hasValue && isEqual(value, expect.equals), String(expect.equals));
  if ("atLeast" in expect) {
    return unless(hasValue && Number(value) >= expect.atLeast, `at least ${expect.atLeast}`);
  }
  return unless(hasValue && Number(value) <= expect.atMost, `at most ${expect.atMost}`);
}

const isEqual = (value: unknown, wanted: number | string): boolean =>
  typeof wanted === "number" ? Number(value) === wanted : String(value as string) === wanted;

/**
 * Checks what is in a database. All checks run before the first failure is thrown.
 *
 * @returns How many held and which did not.
 * @throws TidemillError `TIDEMILL_CHECK_FAILED` for the first check of severity `fail` that does not hold.
 * @example
 * await postgresCheck(ctx, { on: dwh, checks: [
 *   { name: "orders have users", sql: "select 1 from dds.orders where user_id is null", expect: "no_rows" },
 * ] });
 */
export async function postgresCheck(
  ctx: TaskContext,
  options: PostgresCheckOptions,
): Promise<{ passed: number; failed: string[] }> {
  const hook = await ctx.open(options.on);
  const broken: { check: PostgresCheckOf; problem: string }[] = [];
  for (const check of options.checks) {
    const sql = inlineParameters(check.sql, check.values, `Check "${check.name}"`);
    const { rows } = await hook.query<Record<string, unknown>>(sql);
    const problem = problemOf(
      check.expect,
      rows.map((row) => Object.values(row)),
    );
    if (problem === undefined) continue;
    broken.push({ check, problem });
    ctx.log[check.severity === "warn" ? "warn" : "error"](`check "${check.name}" ${problem}`);
  }
  const fatal = broken.find(({ check }) => check.severity !== "warn");
  if (fatal) {
    const remedy = "correct the rows or the load that wrote them, then clear this task";
    const details = { check: fatal.check.name, problem: fatal.problem, remedy };
    throw tidemillError("TIDEMILL_CHECK_FAILED", details);
  }
  return {
    passed: options.checks.length - broken.length,
    failed: broken.map(({ check }) => check.name),
  };
}
