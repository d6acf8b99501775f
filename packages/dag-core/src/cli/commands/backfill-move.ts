import type { Command } from "commander";
import type { Client } from "../../client/create-client.ts";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

interface MoveFlags extends OutputOptions {
  readonly why?: string;
  readonly running?: boolean;
}

interface Verb {
  readonly name: "pause" | "resume" | "cancel";
  readonly does: string;
  readonly done: string;
}

const verbs: readonly Verb[] = [
  { name: "pause", does: "Start no more runs; what runs goes on.", done: "is paused" },
  { name: "resume", does: "Let a paused backfill go on.", done: "goes on" },
  {
    name: "cancel",
    does: "Cancel the runs that have not started; those that run go on to their end.",
    done: "is cancelled",
  },
];

/** `pause`, `resume` and `cancel`, which differ in a word. */
export function backfillMove(parent: Command): void {
  for (const verb of verbs) {
    const { name, does } = verb;
    const command = leaf(parent, `${name} <backfill>`, {
      does,
      example: `tidemill backfill ${name} 7`,
    });
    if (name === "cancel") command.option("--running", "cancel the runs that run too");
    command
      .option(...whyOption)
      .action((backfillId: string, flags: MoveFlags) =>
        withClient((client) => run(client, verb, backfillId, flags)),
      );
  }
}

async function run(
  { backfill }: Client,
  { name, done }: Verb,
  backfillId: string,
  flags: MoveFlags,
): Promise<void> {
  const result = await backfill[name](backfillId, { why: flags.why, stopsRunning: flags.running });
  const { state } = await backfill.status(backfillId);
  const more = result ? `; ${result.cancelledRuns} runs were cancelled` : "";
  await show(
    flags,
    { backfillId, state, ...result },
    () => `Backfill ${backfillId} ${done}${more}`,
  );
}
