import { join } from "node:path";
import type { Dag } from "@tidemill/dag-core";
import { scales } from "../../dags/overdue_loans/lib/generate-files.ts";
import overdueLoansLoad from "../../dags/overdue_loans/overdue_loans_load.ts";
import overdueLoansPrepare from "../../dags/overdue_loans/overdue_loans_prepare.ts";
import overdueNotifications from "../../dags/overdue_loans/overdue_notifications.ts";
import type { BenchCase, Measurement } from "../bench.ts";
import { memoryOf } from "../memory.ts";
import { withOwnStack } from "../own-stack.ts";
import { ratesOf, runStages, secondsOf } from "../stages.ts";

/** Fields of an output that count rows; a task of several parts has a list of such outputs. */
const counted = new Set(["rowsIn", "clients", "loans", "payments", "due", "sent"]);

function rowsOf(output: unknown): number {
  if (Array.isArray(output)) return output.reduce((sum: number, one) => sum + rowsOf(one), 0);
  if (typeof output !== "object" || output === null) return 0;
  return Object.entries(output)
    .filter(([name]) => counted.has(name))
    .reduce((sum, [, value]) => sum + Number(value), 0);
}

async function run(report: (line: string) => void): Promise<readonly Measurement[]> {
  const services = { services: ["postgres"], databases: ["overdue_loans"] } as const;
  return withOwnStack({ ...services, onProgress: report }, async (connections, directory) => {
    process.env["RAW_DIR"] = join(directory, "raw_files");
    process.env["SPLIT_DIR"] = join(directory, "raw_split_files");
    const stage = (dag: Dag, runId: string, params: Record<string, unknown>) =>
      runStages(dag, { connections, params, runId: `bench_${runId}`, report, rowsOf });
    const sample = { numClients: scales.load, today: "2025-01-01" };
    const prepared = await stage(overdueLoansPrepare, "prepare", sample);
    const parts = await memoryOf(() => stage(overdueLoansLoad, "parts", { all: true }));
    const again = await stage(overdueLoansLoad, "part_5_again", { part: 5 });
    const notices = await stage(overdueNotifications, "notices", { date: "2024-12-10" });
    return [
      ...ratesOf([...prepared, ...parts.result, ...notices]),
      { what: "five parts, all tasks", unit: "s", value: secondsOf(parts.result) },
      { what: "part 5 again, all tasks", unit: "s", value: secondsOf(again) },
      { what: "a day of notices, all tasks", unit: "s", value: secondsOf(notices) },
      { what: "memory of the process, second half over first", unit: "ratio", value: parts.growth },
    ];
  });
}

/** The overdue loans at the `load` scale: 10,000 clients in five parts, the last one with 1.4 million payments. */
export const overdueLoans: BenchCase = { name: "overdue-loans", run };
