import type { Command } from "commander";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { table } from "../table.ts";

export function poolsList(parent: Command): void {
  leaf(parent, "list", {
    does: "List the pools and what they hold now.",
    example: "tidemill pools list",
  }).action((flags: OutputOptions) =>
    withClient(async ({ readModel }) => {
      const pools = await readModel.pools();
      await show(flags, pools, () =>
        table(
          ["pool", "slots", "taken", "waiting tasks", "description"],
          pools.map((pool) => [
            pool.pool,
            pool.slots < 0 ? "no cap" : pool.slots,
            pool.slots < 0 ? "not counted" : pool.taken,
            pool.waiting,
            pool.description,
          ]),
        ),
      );
    }),
  );
}
