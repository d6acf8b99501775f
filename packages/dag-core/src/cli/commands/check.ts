import type { Command } from "commander";
import type { CheckProblem } from "../../registry/check.ts";
import type { Config } from "../../kernel/config.ts";
import { type TopLeaf, leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { readConfig, withDatabase } from "../session.ts";
import type { CheckResult } from "../user-code/messages.ts";

/** A project whose files all hang is told after this many. */
const mostHangs = 10;
const tooManyHang: CheckProblem = {
  level: "error",
  message: `More than ${mostHangs} files hang, the rest was not looked at; mend these first`,
};

export function check(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about).action(async (flags: OutputOptions) => {
    const config = await readConfig();
    const { dags, problems } = await checkAll(config);
    const errors = problems.filter((problem) => problem.level === "error").length;
    if (errors > 0) process.exitCode = exitCodes.failed;
    await show(flags, { isOk: errors === 0, dags, problems }, () => {
      const warnings = problems.length - errors;
      const lines = problems.map(({ level, message }) => `${level}: ${message}`);
      return [...lines, `${dags.length} DAGs, ${errors} errors, ${warnings} warnings`].join("\n");
    });
  });
}

/** A file that takes its process with it is left out, and the others are looked at again. */
async function checkAll(config: Config): Promise<CheckResult> {
  const { askUserCode, ImportBroken, ImportHangs } = await import("../user-code/ask.ts");
  const pools = await poolsOf(config);
  const broken: CheckProblem[] = [];
  let hangs = 0;
  for (;;) {
    const skip = broken.flatMap((problem) => problem.file ?? []);
    try {
      const request = { type: "check", folder: config.dagsFolder, skip, pools } as const;
      const result = await askUserCode<CheckResult>(config, request);
      return { ...result, problems: [...broken, ...result.problems] };
    } catch (error) {
      if (!(error instanceof ImportBroken) || skip.includes(error.file)) throw error;
      broken.push({ level: "error", file: error.file, message: error.message });
      if (error instanceof ImportHangs) hangs += 1;
      if (hangs > mostHangs) return { dags: [], problems: [...broken, tooManyHang] };
    }
  }
}

/** Pools are only known to the database; without one nothing is said of them. */
async function poolsOf(config: Config): Promise<Record<string, number> | undefined> {
  if (!config.databaseUrl) return undefined;
  const { poolList } = await import("../../store/pool.ts");
  try {
    const rows = await withDatabase(config, poolList);
    return Object.fromEntries(rows.map((row) => [row.pool, row.slots]));
  } catch {
    return undefined;
  }
}
