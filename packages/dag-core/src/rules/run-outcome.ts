import type { DagRunState } from "../definition/states.ts";
import { isIgnorable } from "./dag-graph.ts";
import type { RunState } from "./run-state.ts";

export interface RunOutcome {
  readonly state: Extract<DagRunState, "success" | "failed" | "cancelled">;
  readonly reason: string | null;
}

/**
 * The final state of a run, or undefined while a task instance is unfinished. Judged by the leaves, as in Airflow.
 *
 * @param verdict How a run ends that was stopped and waited for its teardowns only.
 */
export function runOutcome(run: RunState, verdict?: RunOutcome): RunOutcome | undefined {
  if (run.unfinished > 0) return undefined;
  if (verdict) return verdict;
  const { manifest, leaves } = run.graph;
  const judges =
    manifest.runState === "leaves"
      ? leaves
      : manifest.tasks.filter((task) => !isIgnorable(task)).map((task) => task.taskId);
  const broken = judges.some(
    (taskId) =>
      run.count(taskId, "failed") +
        run.count(taskId, "upstream_failed") +
        run.count(taskId, "cancelled") >
      0,
  );
  return broken
    ? { state: "failed", reason: failureReason(run) }
    : { state: "success", reason: null };
}

function failureReason(run: RunState): string {
  for (const instance of run.all()) {
    if (instance.state === "failed" && instance.reason === "params") return "params";
  }
  return "error";
}
