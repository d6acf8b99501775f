import type { Dag } from "@tidemill/dag-core";
import { runTask, type RunTaskOptions } from "@tidemill/dag-core/testing";
import type { Measurement } from "./bench.ts";

/** What one task of a DAG took. */
export interface Stage {
  readonly taskId: string;
  readonly seconds: number;
  readonly rows: number;
}

export interface StagesOptions extends Omit<RunTaskOptions, "inputs" | "runId"> {
  readonly runId: string;
  readonly report: (line: string) => void;
  /** Rows that a task's output tells of. Defaults to its `rowsIn`. */
  readonly rowsOf?: (output: unknown) => number;
}

/** The `rowsIn` of an output; 0 where it tells of none. */
export function rowsIn(output: unknown): number {
  const isObject = typeof output === "object" && output !== null;
  return isObject && "rowsIn" in output ? Number(output.rowsIn) : 0;
}

/** Runs every task of a DAG in its order, outputs handed on; the first that fails is thrown. */
export async function runStages(dag: Dag, options: StagesOptions): Promise<Stage[]> {
  const { report, rowsOf = rowsIn, ...given } = options;
  const stages: Stage[] = [];
  const outputs = new Map<string, unknown>();
  for (const { taskId, inputs } of dag.manifest.tasks) {
    const handed = Object.entries(inputs).map(([name, from]) => [name, outputs.get(from)] as const);
    const started = performance.now();
    const result = await runTask(dag, taskId, { ...given, inputs: Object.fromEntries(handed) });
    const seconds = (performance.now() - started) / 1_000;
    const { state, output, error } = result;
    if (state !== "success") throw new Error(`${taskId} is ${state}: ${error?.message ?? ""}`);
    const stage = { taskId, seconds, rows: rowsOf(output) };
    report(`${given.runId}  ${taskId}  ${seconds.toFixed(1)} s  ${stage.rows} rows`);
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
