import type { TaskResult } from "../../testing/run-task.ts";
import type { TaskTested, Tell } from "./messages.ts";

/** Shows what a task has logged. */
export async function tellLogs({ logs }: TaskResult, tell: Tell): Promise<void> {
  for (const { level, message, fields } of logs) {
    const more = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
    await tell({ type: "progress", text: `  ${level.padEnd(5)} ${message}${more}` });
  }
}

/** A result as a command shows it. */
export function testedOf(
  { state, output, error, message }: TaskResult,
  taskId: string,
  mapIndex: number,
  tries: number,
  ms: number,
): TaskTested {
  const said = error === undefined ? message : `${error.class}: ${error.message}`;
  return { taskId, mapIndex, state, tries, output, error: said, ms: Math.round(ms) };
}
