import { tidemillError } from "@tidemill/dag-core";
import { overdueLoans } from "../../connections.ts";
import type { LoadContext } from "./load-context.ts";
import { runSqlFile } from "./sql-file.ts";

interface RuleRow {
  readonly name: string;
  readonly severity: "critical" | "warning";
  readonly broken: string;
}

/**
 * Checks what is in the layers: a critical rule that is broken ends the run, any other is a warning.
 *
 * @throws TidemillError `TIDEMILL_CHECK_FAILED` for the first critical rule that rows break.
 */
export async function checkQuality(
  ctx: LoadContext,
): Promise<{ held: number; warnings: Record<string, number> }> {
  const db = await ctx.open(overdueLoans);
  const { rows } = await runSqlFile<RuleRow>(db, "checks/quality.sql");
  const broken = rows.filter((row) => row.broken !== "0");
  const warnings = broken.filter(({ severity }) => severity === "warning");
  for (const { name, broken: count } of warnings) {
    ctx.log.warn(`check "${name}" is broken by ${count} rows`);
  }
  const fatal = broken.find(({ severity }) => severity === "critical");
  if (fatal) {
    throw tidemillError("TIDEMILL_CHECK_FAILED", {
      check: fatal.name,
      problem: `is broken by ${fatal.broken} rows`,
      remedy: "correct the rows or the load that wrote them, then clear this task",
    });
  }
  return {
    held: rows.length - broken.length,
    warnings: Object.fromEntries(warnings.map((row) => [row.name, Number(row.broken)])),
  };
}
