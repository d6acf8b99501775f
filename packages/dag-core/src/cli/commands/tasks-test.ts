import type { Command } from "commander";
import { formatMs } from "../../kernel/duration.ts";
import { leaf, wholeNumber } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { readInputs, readItem, readParams } from "../read-params.ts";
import { readConfig } from "../session.ts";
import type { TaskTested } from "../user-code/messages.ts";

interface TestFlags extends OutputOptions {
  readonly params?: string;
  readonly inputs?: string;
  readonly item?: string;
  readonly interval?: string;
  readonly mapIndex?: number;
}

export function tasksTest(parent: Command): void {
  leaf(parent, "test <dag> <task>", {
    does: "Run one try of a task here, from its file, without a database of the engine.",
    example: `tidemill tasks test orders_daily load --inputs '{"orders":[1,2]}'`,
  })
    .option("-p, --params <json>", "params as a JSON object, or @file")
    .option("--inputs <json>", "outputs of upstream tasks by input name, or @file")
    .option("--item <json>", "the item of a mapped task, or @file; else the one of the DAG's list")
    .option("-i, --interval <date>", "the interval of this date; else the last complete one")
    .option("--map-index <n>", "one instance of a mapped task", wholeNumber(0))
    .action(async (dagId: string, taskId: string, flags: TestFlags) => {
      const { askUserCode } = await import("../user-code/ask.ts");
      const config = await readConfig();
      const tested = await askUserCode<TaskTested>(config, {
        type: "task_test",
        folder: config.dagsFolder,
        dagId,
        taskId,
        params: readParams(flags.params),
        inputs: readInputs(flags.inputs),
        item: readItem(flags.item),
        interval: flags.interval,
        mapIndex: flags.mapIndex,
      });
      if (!["success", "skipped"].includes(tested.state)) process.exitCode = exitCodes.failed;
      await show(flags, tested, () => textOf(tested));
    });
}

function textOf({ taskId, state, error, output, ms, afterMs }: TaskTested): string {
  const why = error === undefined ? "" : `: ${error}`;
  const made = output === undefined ? "" : `\n${JSON.stringify(output, undefined, 2)}`;
  const again =
    state === "up_for_retry" ? `; a run tries it again after ${formatMs(afterMs ?? 0)}` : "";
  const ended = state === "up_for_retry" ? "failed" : `is ${state}`;
  return `Task ${taskId} ${ended} after ${ms} ms${again}${why}${made}`;
}
