import { randomUUID } from "node:crypto";
import type { Dag } from "@tidemill/dag-core";
import { runTask, type RunTaskOptions, type TaskResult } from "@tidemill/dag-core/testing";

type RunDagOptions = Omit<RunTaskOptions, "inputs" | "item" | "mapIndex">;

/** Runs every task of a DAG in the order of its manifest; the first one that does not succeed ends it. */
export async function runDag(dag: Dag, options: RunDagOptions): Promise<Map<string, TaskResult>> {
  const runId = options.runId ?? `test__${randomUUID()}`;
  const results = new Map<string, TaskResult>();
  for (const { taskId } of dag.manifest.tasks) {
    const result = await runTask(dag, taskId, { ...options, runId });
    results.set(taskId, result);
    if (result.state !== "success") {
      const reason = result.error?.message ?? `is ${result.state}`;
      throw new Error(`task "${taskId}" of DAG "${dag.dagId}": ${reason}`);
    }
  }
  return results;
}
