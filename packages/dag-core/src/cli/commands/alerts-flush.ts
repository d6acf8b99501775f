import type { Command } from "commander";
import type { Client } from "../../client/create-client.ts";
import { tidemillError } from "../../kernel/errors.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

export function alertsFlush(parent: Command): void {
  leaf(parent, "flush [channel]", {
    does: "Send now what waits: what a channel refused, what quiet hours hold, what is tried later.",
    example: "tidemill alerts flush telegram",
  }).action((channel: string | undefined, flags: OutputOptions) =>
    withClient(async (client) => {
      const deliveries = await client.alerts.flush(channel);
      if (deliveries === 0 && channel !== undefined) await checkChannel(client, channel);
      await show(flags, { deliveries }, () => `${deliveries} deliveries are due now`);
    }),
  );
}

/** @throws TidemillError `TIDEMILL_INPUT_INVALID` when no alert was ever for that channel */
async function checkChannel({ readModel }: Client, channel: string): Promise<void> {
  const known = new Set((await readModel.alerts()).map((one) => one.channel));
  if (known.has(channel)) return;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Channel "${channel}"`,
    problem: "has no alerts",
    remedy: `those that have: ${[...known].join(", ") || "none"}`,
  });
}
