import type { Command } from "commander";
import type { Client } from "../../client/create-client.ts";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

interface MoveFlags extends OutputOptions {
  readonly why?: string;
}

interface Verb {
  readonly name: "pause" | "resume" | "cancel";
  readonly does: string;
  readonly done: string;
}

const verbs: readonly Verb[] = [
  { name: "pause", does: "Start no more runs; what runs goes on.", done: "is paused" },
  { name: "resume", does: "Let a paused backfill go on.", done: "goes on" },
  { name: "cancel", does: "Cancel the runs that have not started.", done: "is cancelled" },
];

/** `pause`, `resume` and `cancel`, which differ in a word. */
export function backfillMove(parent: Command): void {
  for (const verb of verbs) {
    const { name, does } = verb;
    leaf(parent, `${name} <backfill>`, { does, example: `tidemill backfill ${name} 7` })
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
  const result = await backfill[name](backfillId, { why: flags.why });
  const { state } = await backfill.status(backfillId);
  const more = result ? `; ${result.cancelledRuns} runs had not started` : "";
  await show(
    flags,
    { backfillId, state, ...result },
    () => `Backfill ${backfillId} ${done}${more}`,
  );
}
