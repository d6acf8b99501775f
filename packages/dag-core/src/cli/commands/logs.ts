import type { Command } from "commander";
import type { Client } from "../../client/create-client.ts";
import type { LogCursor, LogLineItem } from "../../client/logs.ts";
import { finishedRunStates } from "../../definition/states.ts";
import { chooseRun } from "../choose-run.ts";
import { type TopLeaf, leaf, wholeNumber } from "../command.ts";
import { jsonText, type OutputOptions, print } from "../output.ts";
import { instanceName } from "../run-text.ts";
import { withClient } from "../session.ts";

interface LogFlags extends OutputOptions {
  readonly follow?: boolean;
  readonly try?: number;
  readonly mapIndex?: number;
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
  let cursor: LogCursor | undefined;
  for (;;) {
    // Looked at before the lines, so that the last ones of a run that ends meanwhile are still read.
    const { state } = await readModel.run(dagId, runId);
    const { try: tryNumber, mapIndex } = flags;
    const page = await readModel.logs(dagId, runId, { taskId, tryNumber, mapIndex, cursor });
    for (const line of page.lines) print(lineText(line, flags));
    cursor = page.cursor;
    if (page.hasMore) continue;
    if (flags.follow !== true || finishedRunStates.has(state)) return;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function lineText(line: LogLineItem, { output }: OutputOptions): string {
  if (output === "json") return jsonText(line);
  const fields = line.fields === null ? "" : ` ${JSON.stringify(line.fields)}`;
  const where = `${instanceName(line)}#${line.tryNumber}`;
  return `${line.at.toISOString()} ${line.level.padEnd(5)} ${where} ${line.message}${fields}`;
}
