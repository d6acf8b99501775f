import type { Command } from "commander";
import { leaf, whyOption } from "../command.ts";
import { note, type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { table } from "../table.ts";

interface UpdateFlags extends OutputOptions {
  readonly payload?: string;
  readonly why?: string;
}

export function assets(parent: Command): void {
  list(parent);
  update(parent);
}

function list(parent: Command): void {
  leaf(parent, "list", {
    does: "List the assets, who updates them, and which DAGs run for them.",
    example: "tidemill assets list",
  }).action((flags: OutputOptions) =>
    withClient(async ({ readModel }) => {
      const items = await readModel.assets();
      await show(flags, items, () =>
        table(
          ["asset", "updated", "by", "waiting updates", "updated by tasks", "runs DAGs"],
          items.map((item) => [
            item.asset,
            item.updatedAt?.toISOString() ?? "never",
            item.updatedBy ?? "",
            item.pending,
            item.producers.join(", "),
            item.consumers.join(", "),
          ]),
        ),
      );
    }),
  );
}

function update(parent: Command): void {
  leaf(parent, "update <asset>", {
    does: "Tell that an asset was updated from outside, so that the DAGs scheduled by it run.",
    example: `tidemill assets update raw.orders --payload '{"rows":120}'`,
  })
    .option("--payload <json>", "what the runs read of it, as JSON, or @file")
    .option(...whyOption)
    .action((asset: string, { why, ...flags }: UpdateFlags) =>
      withClient(async (client) => {
        const { readPayload } = await import("../read-params.ts");
        await client.updateAsset(asset, { payload: readPayload(flags.payload), why });
        const known = await client.readModel.assets();
        if (!known.some((one) => one.asset === asset && one.consumers.length > 0))
          note(`No DAG runs for asset ${asset}; "tidemill assets list" names those that DAGs use`);
        await show(flags, { asset }, () => `Asset ${asset} is updated`);
      }),
    );
}
