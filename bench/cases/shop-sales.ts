import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dag } from "@tidemill/dag-core";
import { runTask } from "@tidemill/dag-core/testing";
import { startStack } from "@tidemill/local";
import { addDays } from "../../dags/shop_sales/lib/days.ts";
import { daysOfIncrements, demoSample } from "../../dags/shop_sales/lib/generator/sample.ts";
import uploadHistData from "../../dags/shop_sales/upload_hist_data.ts";
import uploadIncData from "../../dags/shop_sales/upload_inc_data.ts";
import { startReportApi } from "../../demo/services/report-api.ts";
import { sampleReports } from "../../demo/services/sample-reports.ts";
import type { BenchCase, Measurement } from "../bench.ts";

interface Stage {
  readonly taskId: string;
  readonly seconds: number;
  readonly rowsIn: number;
}

interface PassOptions {
  readonly connections: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
}

const countOf = (value: unknown): number =>
  typeof value === "object" && value !== null && "rowsIn" in value ? Number(value.rowsIn) : 0;

/** Rows of a load, or of all files of an upload. */
const rowsIn = (output: unknown): number =>
  typeof output === "object" && output !== null
    ? countOf(output) + Object.values(output).reduce((sum, file) => sum + countOf(file), 0)
    : 0;

/** Runs every task of a DAG in its order, outputs handed on; the first that fails is thrown. */
async function pass(
  dag: Dag,
  date: string,
  { connections, report }: PassOptions,
): Promise<Stage[]> {
  const stages: Stage[] = [];
  const outputs = new Map<string, unknown>();
  const dataInterval = { start: date, end: addDays(date, 1) };
  for (const { taskId, inputs } of dag.manifest.tasks) {
    const started = performance.now();
    const { state, output, error } = await runTask(dag, taskId, {
      connections,
      dataInterval,
      runId: `bench_${date}`,
      params: { pollEvery: "10ms" },
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, upstream]) => [name, outputs.get(upstream)]),
      ),
    });
    const seconds = (performance.now() - started) / 1_000;
    if (state !== "success") throw new Error(`${taskId} is ${state}: ${error?.message ?? ""}`);
    outputs.set(taskId, output);
    const stage = { taskId, seconds, rowsIn: rowsIn(output) };
    report(`${date}  ${taskId}  ${seconds.toFixed(1)} s  ${stage.rowsIn} rows`);
    stages.push(stage);
  }
  return stages;
}

const sampleMs = 500;

/** The most resident memory in the first and in the second half of the samples of some work. */
async function memoryOf<T>(work: () => Promise<T>): Promise<{ result: T; growth: number }> {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(process.memoryUsage.rss()), sampleMs);
  try {
    const result = await work();
    const half = Math.max(1, Math.floor(samples.length / 2));
    const growth = Math.max(...samples.slice(half)) / Math.max(...samples.slice(0, half));
    return { result, growth };
  } finally {
    clearInterval(timer);
  }
}

const rateOf = ({ taskId, seconds, rowsIn: rows }: Stage): Measurement => ({
  what: taskId,
  unit: "rows/s",
  value: rows / seconds,
});

const secondsOf = (stages: readonly Stage[]): number =>
  stages.reduce((sum, stage) => sum + stage.seconds, 0);

async function run(report: (line: string) => void): Promise<readonly Measurement[]> {
  const directory = await mkdtemp(join(tmpdir(), "tidemill-bench-"));
  const sample = { ...demoSample, scale: "load" } as const;
  await using api = await startReportApi({ source: sampleReports(sample) });
  const stack = await startStack({
    directory,
    services: ["postgres"],
    databases: ["shop_sales"],
    onProgress: report,
  });
  try {
    const connections = { ...stack.addresses.connections, shop_reports: api.uri };
    const options = { connections, report };
    const history = await memoryOf(() => pass(uploadHistData, "2024-01-01", options));
    const days = daysOfIncrements(sample);
    const increments: Stage[][] = [];
    for (const day of days) increments.push(await pass(uploadIncData, day, options));
    return [
      ...history.result.filter((stage) => stage.rowsIn > 0).map(rateOf),
      { what: "history, all tasks", unit: "s", value: secondsOf(history.result) },
      {
        what: "memory of the process, second half over first",
        unit: "ratio",
        value: history.growth,
      },
      { what: "first increment, all tasks", unit: "s", value: secondsOf(increments[0] ?? []) },
      { what: "last increment, all tasks", unit: "s", value: secondsOf(increments.at(-1) ?? []) },
    ];
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The shop's sales at the `load` scale: nine million rows of history, then seven days of 450,000. */
export const shopSales: BenchCase = { name: "shop-sales", run };
