import type { Command } from "commander";
import type { Explanation } from "../../client/explain.ts";
import { chooseRun } from "../choose-run.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

export function tasksExplain(parent: Command): void {
  leaf(parent, "explain <dag> [run] [task]", {
    does: "Say why a run or a task does not run, who holds it, and when it is looked at again.",
    example: "tidemill tasks explain orders_daily latest load",
  }).action(
    (dagId: string, named: string | undefined, task: string | undefined, flags: OutputOptions) =>
      withClient(async (client) => {
        const runId = await chooseRun(client, dagId, named);
        const explanations = await client.explain(dagId, runId, task);
        await show(flags, explanations, () => explanations.map(textOf).join("\n\n"));
      }),
  );
}

function textOf({ subject, state, reasons }: Explanation): string {
  const lines = reasons.flatMap(({ reason, heldBy = [], nextLook }) => [
    `  ${reason}`,
    ...heldBy.map((holder) => `    - ${holder}`),
    `    looked at again: ${nextLook}`,
  ]);
  return [`${subject} is ${state}`, ...lines].join("\n");
}
