import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTask } from "@tidemill/dag-core/testing";
import { startStack } from "@tidemill/local";
import craftMarketDwh from "../../dags/craft_market/craft_market_dwh.ts";
import type { BenchCase, Measurement } from "../bench.ts";

interface Stage {
  readonly taskId: string;
  readonly seconds: number;
  readonly rowsIn: number;
}

const rowsIn = (output: unknown): number =>
  typeof output === "object" && output !== null && "rowsIn" in output ? Number(output.rowsIn) : 0;

/** Runs every task of the DAG in its order; the first that fails is thrown. */
async function pass(
  number: number,
  connections: Readonly<Record<string, string>>,
  report: (line: string) => void,
): Promise<Stage[]> {
  const stages: Stage[] = [];
  const params = { sources: "generated", scale: "load", today: "2025-01-01", pass: number };
  for (const { taskId } of craftMarketDwh.manifest.tasks) {
    const started = performance.now();
    const runId = `bench_${number}`;
    const { state, output, error } = await runTask(craftMarketDwh, taskId, {
      connections,
      params,
      runId,
    });
    const seconds = (performance.now() - started) / 1_000;
    if (state !== "success") throw new Error(`${taskId} is ${state}: ${error?.message ?? ""}`);
    report(`pass ${number}  ${taskId}  ${seconds.toFixed(1)} s  ${JSON.stringify(output)}`);
    stages.push({ taskId, seconds, rowsIn: rowsIn(output) });
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
  const stack = await startStack({
    directory,
    services: ["postgres"],
    databases: ["craft_market"],
    onProgress: report,
  });
  try {
    const { connections } = stack.addresses;
    const first = await memoryOf(() => pass(1, connections, report));
    const second = await pass(2, connections, report);
    const mart = second.find(({ taskId }) => taskId.startsWith("refresh_customer"));
    return [
      ...first.result.filter((stage) => stage.rowsIn > 0).map(rateOf),
      { what: "first pass, all tasks", unit: "s", value: secondsOf(first.result) },
      { what: "memory of the process, second half over first", unit: "ratio", value: first.growth },
      { what: "second pass, all tasks", unit: "s", value: secondsOf(second) },
      { what: "second pass, customer mart", unit: "s", value: mart?.seconds ?? 0 },
    ];
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Stages of the craft market at its `load` scale: two million orders, then a batch of 21,000 changes. */
export const craftMarket: BenchCase = { name: "craft-market", run };
