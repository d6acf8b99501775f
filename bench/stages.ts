import type { Dag } from "@tidemill/dag-core";
import { runTask, type RunTaskOptions } from "@tidemill/dag-core/testing";
import type { Measurement } from "./bench.ts";

/** What one task of a DAG took. */
export interface Stage {
  readonly taskId: string;
  readonly seconds: number;
  readonly rows: number;
}

export interface StagesOptions extends Omit<RunTaskOptions, "inputs"> {
  readonly report?: (line: string) => void;
  /** Rows that a task's output tells of. Defaults to its `rowsIn`. */
  readonly rowsOf?: (output: unknown) => number;
}

/** A number that an output tells of; 0 where it does not. */
export function countIn(output: unknown, field: string): number {
  const fields: Record<string, unknown> =
    typeof output === "object" && output !== null ? { ...output } : {};
  return Number(fields[field] ?? 0);
}

export const rowsIn = (output: unknown): number => countIn(output, "rowsIn");

/** Runs one task; what does not succeed is thrown. */
export async function timed(dag: Dag, taskId: string, options: RunTaskOptions) {
  const started = performance.now();
  const { state, output, error } = await runTask(dag, taskId, options);
  const seconds = (performance.now() - started) / 1_000;
  if (state !== "success") throw new Error(`${taskId} is ${state}: ${error?.message ?? ""}`);
  return { output, seconds };
}

/** Runs every task of a DAG in its order, outputs handed on; the first that fails is thrown. */
export async function runStages(dag: Dag, options: StagesOptions): Promise<Stage[]> {
  const { report, rowsOf = rowsIn, ...given } = options;
  const stages: Stage[] = [];
  const outputs = new Map<string, unknown>();
  for (const { taskId, inputs } of dag.manifest.tasks) {
    const handed = Object.entries(inputs).map(([name, from]) => [name, outputs.get(from)] as const);
    const options = { ...given, inputs: Object.fromEntries(handed) };
    const { output, seconds } = await timed(dag, taskId, options);
    const stage = { taskId, seconds, rows: rowsOf(output) };
    report?.(`${given.runId ?? dag.dagId}  ${taskId}  ${seconds.toFixed(1)} s  ${stage.rows} rows`);
    outputs.set(taskId, output);
    stages.push(stage);
  }
  return stages;
}

/** The rates of the stages that tell of rows. */
export function ratesOf(stages: readonly Stage[]): Measurement[] {
  return stages
    .filter(({ rows }) => rows > 0)
    .map(({ taskId, seconds, rows }) => ({ what: taskId, unit: "rows/s", value: rows / seconds }));
}

export const secondsOf = (stages: readonly Stage[]): number =>
  stages.reduce((sum, stage) => sum + stage.seconds, 0);
