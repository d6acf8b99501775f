import type { RunDetails } from "../client/read-model.ts";
import { instanceName } from "../kernel/instance-name.ts";

/** Failed tasks that are named one by one. */
const mostNamed = 20;

/** Why a run failed, for people: each failed task with its error, and where its log is. Empty if none failed. */
export function failuresText({ dagId, runId, failures, tasks }: RunDetails): string {
  const named = failures.slice(0, mostNamed).map((failure) => {
    const why = failure.error === null ? failure.reason : failure.error.split("\n", 1)[0];
    const tried = `try ${failure.tryNumber}`;
    const map = failure.mapIndex < 0 ? "" : ` --map-index ${failure.mapIndex}`;
    const command = `tidemill logs ${dagId} ${runId} ${failure.taskId}${map}`;
    return `${instanceName(failure)} failed (${tried}): ${why ?? "without a reason"}\n  ${command}`;
  });
  const failed = tasks.filter((task) => task.state === "failed").length;
  const rest = failed > named.length ? [`and ${failed - named.length} more`] : [];
  return [...named, ...rest].join("\n");
}
