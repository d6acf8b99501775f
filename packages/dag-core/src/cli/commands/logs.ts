import type { Command } from "commander";
import type { Client } from "../../client/create-client.ts";
import type { TaskItem } from "../../client/read-model.ts";
import type { LogCursor } from "../../client/logs.ts";
import { finishedRunStates } from "../../definition/states.ts";
import { tidemillError } from "../../kernel/errors.ts";
import { chooseRun } from "../choose-run.ts";
import { type TopLeaf, leaf, wholeNumber } from "../command.ts";
import { jsonText, note, type OutputOptions, print } from "../output.ts";
import { instanceName } from "../../kernel/instance-name.ts";
import { withClient } from "../session.ts";
import { type ToldLine, TryErrors } from "../try-errors.ts";

interface LogFlags extends OutputOptions {
  readonly follow?: boolean;
  readonly try?: number;
  readonly mapIndex?: number;
}

interface Filter {
  readonly taskId: string | undefined;
  readonly tryNumber: number | undefined;
  readonly mapIndex: number | undefined;
}

const lookEveryMs = 500;

export function logs(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about)
    .option("-f, --follow", "go on until the run has ended")
    .option("--try <n>", "only this try", wholeNumber(1))
    .option("--map-index <n>", "only this instance of a mapped task", wholeNumber(0))
    .action((dagId: string, run: string | undefined, task: string | undefined, flags: LogFlags) =>
      withClient(async (client) => {
        const runId = await chooseRun(client, dagId, run);
        await printLogs(client, dagId, runId, task, flags);
      }),
    );
}

async function printLogs(
  { readModel }: Client,
  dagId: string,
  runId: string,
  taskId: string | undefined,
  flags: LogFlags,
): Promise<void> {
  const { try: tryNumber, mapIndex } = flags;
  const filter = { taskId, tryNumber, mapIndex };
  const errors = new TryErrors();
  let cursor: LogCursor | undefined;
  let isEmpty = true;
  const tell = (line: ToldLine): void => {
    isEmpty = false;
    print(lineText(line, flags));
  };
  for (;;) {
    // Looked at before the lines, so that the last ones of a run that ends meanwhile are still read.
    const { state, tasks } = await readModel.run(dagId, runId);
    errors.take(await readModel.tryErrors(dagId, runId, filter));
    const page = await readModel.logs(dagId, runId, { ...filter, cursor });
    for (const line of page.lines.flatMap((line) => [...errors.before(line), line])) tell(line);
    cursor = page.cursor;
    if (page.hasMore) continue;
    const isLast = flags.follow !== true || finishedRunStates.has(state);
    for (const line of errors.rest(isLast)) tell(line);
    if (isLast) {
      if (isEmpty) tellNothing(tasks, filter);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** @throws TidemillError `TIDEMILL_INPUT_INVALID` when there is no such instance or try */
function tellNothing(
  tasks: readonly TaskItem[],
  { taskId, tryNumber = 0, mapIndex }: Filter,
): void {
  const ofTask = tasks.filter((task) => taskId === undefined || task.taskId === taskId);
  const found = ofTask.filter((task) => mapIndex === undefined || task.mapIndex === mapIndex);
  if (found.length === 0 && mapIndex !== undefined)
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `--map-index ${mapIndex}`,
      problem: "names no instance of that run",
      remedy: `the highest is ${Math.max(-1, ...ofTask.map((task) => task.mapIndex))}, -1 being a task that is not mapped`,
    });
  const last = Math.max(0, ...found.map((task) => task.tryNumber));
  if (tryNumber > last)
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `--try ${tryNumber}`,
      problem: "names no try of that run",
      remedy: `the last is ${last}`,
    });
  note("Nothing was logged there");
}

function lineText(line: ToldLine, { output }: OutputOptions): string {
  if (output === "json") return jsonText(line);
  const fields = line.taskLogId === null ? framesOf(line) : fieldsText(line);
  const where = `${instanceName(line)}#${line.tryNumber}`;
  return `${line.at.toISOString()} ${line.level.padEnd(5)} ${where} ${line.message}${fields}`;
}

const fieldsText = ({ fields }: ToldLine): string =>
  fields === null ? "" : ` ${JSON.stringify(fields)}`;

/** The stack of an error, below its message. */
function framesOf({ fields }: ToldLine): string {
  const stack = (fields as { readonly stack?: unknown } | null)?.stack;
  return typeof stack === "string" ? `\n${stack}` : "";
}
