import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dag } from "@tidemill/dag-core";
import { runTask } from "@tidemill/dag-core/testing";
import { startStack } from "@tidemill/local";
import { scales } from "../../dags/overdue_loans/lib/generate-files.ts";
import overdueLoansLoad from "../../dags/overdue_loans/overdue_loans_load.ts";
import overdueLoansPrepare from "../../dags/overdue_loans/overdue_loans_prepare.ts";
import overdueNotifications from "../../dags/overdue_loans/overdue_notifications.ts";
import type { BenchCase, Measurement } from "../bench.ts";

interface Stage {
  readonly taskId: string;
  readonly seconds: number;
  readonly rows: number;
}

type Report = (line: string) => void;
type Connections = Readonly<Record<string, string>>;

/** Fields of an output that count rows; a task of several parts has a list of such outputs. */
const counted = new Set(["rowsIn", "clients", "loans", "payments", "due", "sent"]);

function rowsOf(output: unknown): number {
  if (Array.isArray(output)) return output.reduce((sum: number, one) => sum + rowsOf(one), 0);
  if (typeof output !== "object" || output === null) return 0;
  return Object.entries(output)
    .filter(([name]) => counted.has(name))
    .reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Runs every task of a DAG in its order, outputs handed on; the first that fails is thrown. */
async function pass(
  dag: Dag,
  params: Readonly<Record<string, unknown>>,
  { connections, report }: { readonly connections: Connections; readonly report: Report },
): Promise<Stage[]> {
  const stages: Stage[] = [];
  const outputs = new Map<string, unknown>();
  const runId = `bench_${dag.dagId}_${JSON.stringify(params)}`;
  for (const { taskId, inputs } of dag.manifest.tasks) {
    const started = performance.now();
    const given = Object.entries(inputs).map(([name, from]) => [name, outputs.get(from)]);
    const result = await runTask(dag, taskId, {
      connections,
      runId,
      params,
      inputs: Object.fromEntries(given),
    });
    const { state, output, error } = result;
    if (state !== "success") throw new Error(`${taskId} is ${state}: ${error?.message ?? ""}`);
    const stage = {
      taskId,
      seconds: (performance.now() - started) / 1_000,
      rows: rowsOf(output),
    };
    const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
    report(`${taskId}  ${stage.seconds.toFixed(1)} s  ${stage.rows} rows  ${memory} MB`);
    outputs.set(taskId, output);
    stages.push(stage);
  }
  return stages;
}

const sampleMs = 500;

/** The most resident memory in the second half of some work, over that in the first half. */
async function growthOf(
  work: () => Promise<Stage[]>,
): Promise<{ stages: Stage[]; growth: number }> {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(process.memoryUsage.rss()), sampleMs);
  try {
    const stages = await work();
    const half = Math.max(1, Math.floor(samples.length / 2));
    const growth = Math.max(...samples.slice(half)) / Math.max(...samples.slice(0, half));
    return { stages, growth };
  } finally {
    clearInterval(timer);
  }
}

const rateOf = ({ taskId, seconds, rows }: Stage): Measurement => ({
  what: taskId,
  unit: "rows/s",
  value: rows / seconds,
});
const secondsOf = (stages: readonly Stage[]): number =>
  stages.reduce((sum, stage) => sum + stage.seconds, 0);

async function measure(connections: Connections, report: Report): Promise<Measurement[]> {
  const options = { connections, report };
  const sample = { numClients: scales.load, today: "2025-01-01" };
  const prepared = await pass(overdueLoansPrepare, sample, options);
  const { stages, growth } = await growthOf(() => pass(overdueLoansLoad, { all: true }, options));
  const again = await pass(overdueLoansLoad, { part: 5 }, options);
  const notices = await pass(overdueNotifications, { date: "2024-12-10" }, options);
  return [
    ...[...prepared, ...stages, ...notices].filter(({ rows }) => rows > 0).map(rateOf),
    { what: "five parts, all tasks", unit: "s", value: secondsOf(stages) },
    { what: "part 5 again, all tasks", unit: "s", value: secondsOf(again) },
    { what: "a day of notices, all tasks", unit: "s", value: secondsOf(notices) },
    { what: "memory of the process, second half over first", unit: "ratio", value: growth },
  ];
}

async function run(report: Report): Promise<readonly Measurement[]> {
  const directory = await mkdtemp(join(tmpdir(), "tidemill-bench-"));
  process.env["RAW_DIR"] = join(directory, "raw_files");
  process.env["SPLIT_DIR"] = join(directory, "raw_split_files");
  const stack = await startStack({
    directory,
    services: ["postgres"],
    databases: ["overdue_loans"],
    onProgress: report,
  });
  try {
    return await measure(stack.addresses.connections, report);
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The overdue loans at the `load` scale: 10,000 clients in five parts, the last one with 1.4 million payments. */
export const overdueLoans: BenchCase = { name: "overdue-loans", run };
