import type { DagDiff, FieldChange } from "../client/diff-dag.ts";
import type { ScheduleSpec } from "../definition/manifest.ts";
import { formatMs } from "../kernel/duration.ts";
import type { NextExecution } from "../client/next-execution.ts";
import { scheduleText } from "./schedule-text.ts";
import { table, timeText } from "./table.ts";

/** What a DAG file changes, for people. */
export async function diffText(diff: DagDiff): Promise<string> {
  const { dagId, isSame, warnings } = diff;
  if (isSame)
    return `DAG ${dagId} is registered as its file declares it; the code of its functions is not compared, processes run what they loaded when they started`;
  const parts = [await fieldsTable(diff), await nextRunsTable(diff), keptText(diff)];
  const notes = warnings.map((warning) => `warning: ${warning}`);
  return [...parts, ...notes].filter((part) => part !== "").join("\n\n");
}

function fieldsTable({ fields, tasks }: DagDiff): Promise<string> {
  const row = (subject: string, { field, before, after }: FieldChange) => [
    subject,
    field,
    valueText(field, before),
    valueText(field, after),
  ];
  return table(
    ["of", "field", "registered", "in the file"],
    [
      ...fields.map((field) => row("DAG", field)),
      ...tasks.changed.flatMap((task) => task.fields.map((field) => row(task.taskId, field))),
      ...tasks.added.map((taskId) => [taskId, "task", "", "new"]),
      ...tasks.removed.map((taskId) => [taskId, "task", "declared", "gone"]),
    ],
  );
}

function valueText(field: string, value: unknown): string {
  if (value === undefined) return "";
  if (field === "schedule") return scheduleText(value as ScheduleSpec);
  if (field.endsWith("Ms") && typeof value === "number") return formatMs(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

async function nextRunsTable({ nextRuns: { before, after } }: DagDiff): Promise<string> {
  const count = Math.max(before.length, after.length);
  if (count === 0) return "Neither has a next run: the schedules ask for none";
  const isMoved = runsText(before) !== runsText(after);
  if (!isMoved) return `The next ${count} runs stay as they are`;
  const rows = Array.from({ length: count }, (_, n) => [
    n + 1,
    runText(before[n]),
    runText(after[n]),
  ]);
  return table(["next run", "registered", "with the file"], rows);
}

const runsText = (runs: readonly NextExecution[]): string => runs.map(runText).join();

function runText(run: NextExecution | undefined): string {
  if (run === undefined) return "none";
  const { dataIntervalStart: start, dataIntervalEnd: end } = run;
  return start.getTime() === end.getTime()
    ? timeText(start)
    : `${timeText(start)} to ${timeText(end)}`;
}

function keptText({ keptRuns }: DagDiff): string {
  if (keptRuns.length === 0) return "";
  const shown = keptRuns.slice(0, 5).join(", ");
  const more = keptRuns.length > 5 ? ` and ${keptRuns.length - 5} more` : "";
  return `Made with the registered version: ${shown}${more}`;
}
