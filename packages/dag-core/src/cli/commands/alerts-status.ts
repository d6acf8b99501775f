import type { Command } from "commander";
import type { AlertStatus } from "../../store/alert-status.ts";
import { alertWays } from "../alert-ways.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withSession } from "../session.ts";
import { table } from "../table.ts";
import { mutesTable } from "./alerts-mute.ts";

export function alertsStatus(parent: Command): void {
  leaf(parent, "status", {
    does: "Show how many alerts are on their way, delivered or muted, the last trouble, and the mutes in force.",
    example: "tidemill alerts status",
  }).action((flags: OutputOptions) =>
    withSession(async ({ client, config }) => {
      const deliveries = await client.readModel.alerts();
      const mutes = await client.alerts.mutes();
      const channels = alertWays(config);
      await show(flags, { channels, deliveries, mutes }, async () => {
        const said = [
          deliveries.length === 0
            ? `No alert has been raised; new ones go ${channels.join(", ")}`
            : await deliveriesTable(deliveries),
        ];
        if (mutes.length > 0) said.push(await mutesTable(mutes));
        return said.join("\n\n");
      });
    }),
  );
}

function deliveriesTable(deliveries: readonly AlertStatus[]): Promise<string> {
  const columns = ["channel", "state", "deliveries", "oldest", "last sent", "error"];
  const rows = deliveries.map((one) => [
    one.channel,
    one.state,
    one.deliveries,
    one.oldestAt,
    one.sentAt,
    one.error,
  ]);
  return table(columns, rows);
}
