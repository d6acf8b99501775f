import type { Command } from "commander";
import type { TaskChoice } from "../client/choose-tasks.ts";
import type { RunChoice, TasksChanged } from "../client/change-runs.ts";
import { wholeNumber } from "./command.ts";
import { instanceName } from "../kernel/instance-name.ts";
import { table } from "./table.ts";

export interface ChoiceFlags {
  readonly fromDate?: string;
  readonly toDate?: string;
  readonly taskRegex?: string;
  readonly mapIndex?: number;
  readonly upstream?: boolean;
  readonly downstream?: boolean;
  readonly onlyFailed?: boolean;
}

/** The options by which runs and tasks are chosen. */
export function choiceOptions(command: Command): Command {
  return command
    .option("--from-date <date>", "instead of a run: runs from this logical date on")
    .option("--to-date <date>", "up to this logical date, included")
    .option("-t, --task-regex <pattern>", "tasks whose id matches")
    .option("--map-index <n>", "one instance of a mapped task", wholeNumber(0))
    .option("-u, --upstream", "tasks before the chosen ones too")
    .option("-d, --downstream", "tasks after the chosen ones too")
    .option("-f, --only-failed", "only what failed, or could not run because of it");
}

/** What the positional arguments and the options choose. */
export function choiceOf(
  dagId: string,
  runId: string | undefined,
  taskIds: readonly string[],
  flags: ChoiceFlags,
): RunChoice & TaskChoice {
  const { fromDate: from, toDate: to, taskRegex, mapIndex } = flags;
  const { upstream, downstream, onlyFailed } = flags;
  const which = { taskIds, taskRegex, mapIndex, upstream, downstream, onlyFailed };
  return { dagId, runId, from, to, ...which };
}

/** What a verb changed, or would change. */
export async function changedText(done: TasksChanged, verb: string): Promise<string> {
  if (done.tasks.length === 0) return "No task fits the choice; nothing was changed";
  const rows = done.tasks.map((task) => [task.runId, instanceName(task), task.state]);
  const would = done.isDryRun ? "would be " : "";
  const count = `${done.tasks.length} tasks of ${done.runIds.length} runs ${would}${verb}`;
  return `${await table(["run", "task", "was"], rows)}\n${count}`;
}
