import type { Command } from "commander";
import { tidemillError } from "../../kernel/errors.ts";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

interface SetFlags extends OutputOptions {
  readonly why?: string;
}

export function poolsSet(parent: Command): void {
  leaf(parent, "set <pool> <slots> [description]", {
    does: "Create a pool or change its slots; -1 is no cap, 0 lets nothing start.",
    example: 'tidemill pools set dwh 4 "heavy statements on the warehouse"',
  })
    .option(...whyOption)
    .action((pool: string, slots: string, description: string | undefined, flags: SetFlags) =>
      withClient(async (client) => {
        const { why } = flags;
        const row = await client.setPool(pool, slotsOrThrow(pool, slots), { description, why });
        const said = row.slots < 0 ? "no cap" : `${row.slots} slots`;
        await show(flags, row, () => `Pool ${pool} has ${said}`);
      }),
    );
}

function slotsOrThrow(pool: string, text: string): number {
  if (/^-?\d{1,7}$/.test(text)) return Number(text);
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Slots "${text}" of pool "${pool}"`,
    problem: "are not a whole number",
    remedy: "write 1 or more, 0 to let nothing start, -1 for no cap",
  });
}
