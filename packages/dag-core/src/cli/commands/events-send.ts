import type { Command } from "commander";
import { formatMs } from "../../kernel/duration.ts";
import { durationOption, leaf, whyOption } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

interface SendFlags extends OutputOptions {
  readonly payload?: string;
  readonly key?: string;
  readonly ttl: number;
  readonly why?: string;
}

const week = 7 * 24 * 60 * 60 * 1_000;

export function eventsSend(parent: Command): void {
  leaf(parent, "send <name>", {
    does: "Send an event to the tasks that wait for it, now or later.",
    example: `tidemill events send orders.approved --payload '{"by":"anna"}' --key 2026-01-31`,
  })
    .option("--payload <json>", "what the waiting tasks put out, as JSON, or @file")
    .option("--key <text>", "of two events of this name with one key the second is dropped")
    .option(
      "--ttl <duration>",
      "how long it is kept for later waits; at most 36500d",
      durationOption,
      week,
    )
    .option(...whyOption)
    .action((name: string, flags: SendFlags) =>
      withClient(async (client) => {
        const { readPayload } = await import("../read-params.ts");
        const { key, ttl, why } = flags;
        const payload = readPayload(flags.payload);
        const sent = await client.sendEvent(name, { payload, key, ttl: `${ttl}ms`, why });
        const again = `An event ${name} with key ${key} is there already`;
        const text = `Event ${name} is sent, and kept for ${formatMs(ttl)}`;
        await show(flags, sent, () => (sent.isNew ? text : again));
      }),
    );
}
