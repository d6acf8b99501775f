import type { TaskManifest } from "../definition/manifest.ts";
import type { RunState } from "./run-state.ts";

/**
 * Whether a branch or a short circuit before a task passes it over. Asked whenever the task is looked at, so that the
 * choice holds for a task that is cleared, or that came later.
 */
export function passedOver(
  run: RunState,
  task: TaskManifest,
): "branch" | "short_circuit" | undefined {
  const { caseLabels: labels, shortCircuits } = run.graph;
  const chosen = task.when && choicesOf(run, task.when.branch);
  if (chosen?.every((label) => !labels.get(task.taskId)?.has(label))) return "branch";
  const isClosed = (taskId: string) => choicesOf(run, taskId)?.length === 0;
  return shortCircuits.get(task.taskId)?.some(isClosed) ? "short_circuit" : undefined;
}

function choicesOf(run: RunState, taskId: string): readonly string[] | undefined {
  const [decider] = run.instancesOf(taskId);
  return decider?.state === "success" ? (decider.choices ?? undefined) : undefined;
}
