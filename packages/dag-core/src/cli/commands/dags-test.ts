import type { Command } from "commander";
import { formatMs } from "../../kernel/duration.ts";
import { leaf, repeatedOption } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { readEvents, readParams } from "../read-params.ts";
import { instanceName } from "../../kernel/instance-name.ts";
import { readConfig } from "../session.ts";
import { table } from "../table.ts";
import type { DagTested } from "../user-code/messages.ts";

interface TestFlags extends OutputOptions {
  readonly params?: string;
  readonly interval?: string;
  readonly runId?: string;
  readonly event?: readonly string[];
}

export function dagsTest(parent: Command): void {
  leaf(parent, "test <dag>", {
    does: "Run all tasks of a DAG here, one after the other, without a database of the engine.",
    example: "tidemill dags test orders_daily --interval 2026-01-31",
  })
    .option("-p, --params <json>", "params as a JSON object, or @file")
    .option("-i, --interval <date>", "the interval of this date; else the last complete one")
    .option("-r, --run-id <id>", "an id of your own; else a new one each time")
    .option(
      "--event <name=json>",
      "an event that its tasks wait for, with its payload, or name=@file; may be repeated",
      repeatedOption,
    )
    .action(async (dagId: string, flags: TestFlags) => {
      const { askUserCode } = await import("../user-code/ask.ts");
      const config = await readConfig();
      const tested = await askUserCode<DagTested>(config, {
        type: "dag_test",
        folder: config.dagsFolder,
        dagId,
        params: readParams(flags.params),
        interval: flags.interval,
        runId: flags.runId,
        events: readEvents(flags.event),
      });
      if (tested.state !== "success") process.exitCode = exitCodes.failed;
      await show(flags, tested, async () => {
        const rows = tested.tasks.map((task) => [
          instanceName(task),
          task.state,
          task.tries,
          formatMs(task.ms),
          task.error,
        ]);
        const list = await table(["task", "state", "tries", "took", "error"], rows);
        return `${list}\nDAG ${dagId} is ${tested.state}`;
      });
    });
}
