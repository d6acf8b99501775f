import { parseWakeKey } from "../../definition/wake-key.ts";
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
  result: TaskResult,
  taskId: string,
  mapIndex: number,
  tries: number,
  ms: number,
): TaskTested {
  const { state, output, afterMs } = result;
  const error = saidOf(result);
  return { taskId, mapIndex, state, tries, output, error, afterMs, ms: Math.round(ms) };
}

/** A new one each time: what a run has committed once, a second of the same id would not do again. */
export const testRunId = (now: Date): string => `test__${now.toISOString()}`;

/** An event that is named by the run can only be given to a run whose id is chosen. */
function eventOptions(name: string): string {
  const chosen = name.replace(/test__[\dT:.-]+Z/, "ID");
  return `${chosen === name ? "" : "--run-id ID "}--event '${chosen}=<json>'`;
}

/** Why a try came to what it did; a wait is no failure, but nothing can end it here. */
export function saidOf({ error, message, awaits }: TaskResult): string | undefined {
  if (error !== undefined) return `${error.class}: ${error.message}`;
  if (awaits === undefined) return message;
  const awaited = parseWakeKey(awaits);
  switch (awaited.kind) {
    case "event":
      return `It waits for event "${awaited.name}"; "tidemill dags test" gets it with ${eventOptions(awaited.name)}, a run with "tidemill events send ${awaited.name}"`;
    case "run":
      return `It waits for run "${awaited.runId}" of DAG "${awaited.dagId}", which a test does not make`;
    case "interval":
      return `It waits for the run of DAG "${awaited.dagId}" about ${awaited.start.toISOString()}, which a test does not make`;
  }
}
