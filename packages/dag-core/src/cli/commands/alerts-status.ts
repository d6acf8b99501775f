import type { Command } from "commander";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withSession } from "../session.ts";
import { table } from "../table.ts";

export function alertsStatus(parent: Command): void {
  leaf(parent, "status", {
    does: "Show how many alerts are on their way or delivered, and the last trouble.",
    example: "tidemill alerts status",
  }).action((flags: OutputOptions) =>
    withSession(async ({ client, config }) => {
      const deliveries = await client.readModel.alerts();
      const { token, chatId } = config.telegram;
      const channel = token && chatId !== undefined ? "telegram" : "log";
      await show(flags, { channel, deliveries }, async () => {
        if (deliveries.length === 0)
          return `No alert has been raised; new ones go to the ${channel}`;
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
      });
    }),
  );
}
