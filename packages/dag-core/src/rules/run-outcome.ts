import type { DagRunState } from "../definition/states.ts";
import type { RunState } from "./run-state.ts";

export interface RunOutcome {
  readonly state: Extract<DagRunState, "success" | "failed">;
  readonly reason: string | null;
}

/** The final state of a run, or undefined while a task instance is unfinished. Judged by the leaves, as in Airflow. */
export function runOutcome(run: RunState): RunOutcome | undefined {
  if (run.unfinished > 0) return undefined;
  const { manifest, leaves } = run.graph;
  const judges =
    manifest.runState === "leaves" ? leaves : manifest.tasks.map((task) => task.taskId);
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
