import type { Dag } from "@tidemill/dag-core";
import { addDays } from "../../dags/shop_sales/lib/days.ts";
import { daysOfIncrements, demoSample } from "../../dags/shop_sales/lib/generator/sample.ts";
import uploadHistData from "../../dags/shop_sales/upload_hist_data.ts";
import uploadIncData from "../../dags/shop_sales/upload_inc_data.ts";
import { startReportApi } from "../../demo/services/report-api.ts";
import { sampleReports } from "../../demo/services/sample-reports.ts";
import type { BenchCase, Measurement } from "../bench.ts";
import { memoryOf } from "../memory.ts";
import { withOwnStack } from "../own-stack.ts";
import { ratesOf, rowsIn, runStages, secondsOf, type Stage } from "../stages.ts";

/** Rows of a load, or of all files of an upload. */
const rowsOf = (output: unknown): number =>
  typeof output === "object" && output !== null
    ? rowsIn(output) + Object.values(output).reduce((sum: number, file) => sum + rowsIn(file), 0)
    : 0;

async function run(report: (line: string) => void): Promise<readonly Measurement[]> {
  const sample = { ...demoSample, scale: "load" } as const;
  await using api = await startReportApi({ source: sampleReports(sample) });
  const services = { services: ["postgres"], databases: ["shop_sales"] } as const;
  return await withOwnStack({ ...services, onProgress: report }, async (addresses) => {
    const connections = { ...addresses, shop_reports: api.uri };
    const pass = (dag: Dag, date: string) => {
      const dataInterval = { start: date, end: addDays(date, 1) };
      const given = { connections, dataInterval, params: { pollEvery: "10ms" } };
      return runStages(dag, { ...given, runId: `bench_${date}`, report, rowsOf });
    };
    const history = await memoryOf(() => pass(uploadHistData, "2024-01-01"));
    const increments: Stage[][] = [];
    for (const day of daysOfIncrements(sample)) increments.push(await pass(uploadIncData, day));
    const { result, growth } = history;
    return [
      ...ratesOf(result),
      { what: "history, all tasks", unit: "s", value: secondsOf(result) },
      { what: "memory of the process, second half over first", unit: "ratio", value: growth },
      { what: "first increment, all tasks", unit: "s", value: secondsOf(increments[0] ?? []) },
      { what: "last increment, all tasks", unit: "s", value: secondsOf(increments.at(-1) ?? []) },
    ];
  });
}

/** The shop's sales at the `load` scale: nine million rows of history, then seven days of 450,000. */
export const shopSales: BenchCase = { name: "shop-sales", run };
