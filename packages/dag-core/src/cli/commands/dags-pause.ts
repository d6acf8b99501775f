import type { Command } from "commander";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

interface PauseFlags extends OutputOptions {
  readonly why?: string;
}

export function dagsPause(parent: Command): void {
  verb(parent, "pause", "Start no run and no task of a DAG any more; what runs goes on.");
  verb(parent, "unpause", "Let a DAG go on.");
}

function verb(parent: Command, name: "pause" | "unpause", does: string): void {
  leaf(parent, `${name} <dag>`, { does, example: `tidemill dags ${name} orders_daily` })
    .option(...whyOption)
    .action((dagId: string, flags: PauseFlags) =>
      withClient(async (client) => {
        const isPaused = name === "pause";
        const change = isPaused ? client.pauseDag : client.unpauseDag;
        const hasChanged = await change(dagId, { why: flags.why });
        const state = isPaused ? "paused" : "not paused";
        const now = hasChanged ? "now" : "already";
        await show(flags, { dagId, isPaused, hasChanged }, () => `DAG ${dagId} is ${now} ${state}`);
      }),
    );
}
