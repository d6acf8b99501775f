import type { Command } from "commander";
import type { MuteItem } from "../../client/mute-alerts.ts";
import { durationOption, leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { table } from "../table.ts";

interface ScopeFlags extends OutputOptions {
  readonly dag?: string;
  readonly task?: string;
  readonly tag?: string;
}

interface MuteFlags extends ScopeFlags {
  readonly for: number;
  readonly reason?: string;
}

interface UnmuteFlags extends ScopeFlags {
  readonly id?: string;
}

export function alertsMute(parent: Command): void {
  const command = leaf(parent, "mute", {
    does: "Send no alerts of a DAG, a task or a tag for a while; they are recorded as muted.",
    example: 'tidemill alerts mute --dag orders_daily --for 2h --reason "the source is moved"',
  });
  scoped(command)
    .requiredOption("--for <duration>", "how long, as 30m or 2h; at most 36500d", durationOption)
    .option("--reason <text>", "stored with the mute and with each alert that it holds back")
    .action((flags: MuteFlags) =>
      withClient(async (client) => {
        const { reason } = flags;
        const mute = await client.alerts.mute({ ...scopeOf(flags), forMs: flags.for, reason });
        const until = mute.mutedUntil.toISOString();
        await show(flags, mute, () => `Alerts of ${subjectOf(mute)} are muted until ${until}`);
      }),
    );
}

export function alertsUnmute(parent: Command): void {
  const command = leaf(parent, "unmute", {
    does: "End mutes: one by its id, those of a DAG, task or tag, or all.",
    example: "tidemill alerts unmute --dag orders_daily",
  });
  scoped(command)
    .option("--id <id>", "one mute, by its id in the status")
    .action((flags: UnmuteFlags) =>
      withClient(async (client) => {
        const ended = await client.alerts.unmute({ ...scopeOf(flags), muteId: flags.id });
        await show(flags, ended, () =>
          ended.length === 0
            ? "No such mute is in force"
            : ended.map((mute) => `Alerts of ${subjectOf(mute)} are sent again`).join("\n"),
        );
      }),
    );
}

const scoped = (command: Command): Command =>
  command
    .option("--dag <dag>", "alerts of this DAG")
    .option("--task <task>", "alerts of this task")
    .option("--tag <tag>", "alerts of DAGs with this tag");

const scopeOf = ({ dag, task, tag }: ScopeFlags) => ({ dagId: dag, taskId: task, tag });

/** `DAG orders_daily, task load`. */
function subjectOf({ dagId, taskId, tag }: MuteItem): string {
  const parts = [
    dagId === null ? "" : `DAG ${dagId}`,
    taskId === null ? "" : `task ${taskId}`,
    tag === null ? "" : `tag ${tag}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** The mutes in force, as the status shows them. */
export async function mutesTable(mutes: readonly MuteItem[]): Promise<string> {
  const rows = mutes.map((mute) => [
    mute.alertMuteId,
    subjectOf(mute),
    mute.mutedUntil,
    mute.createdBy,
    mute.reason,
  ]);
  return table(["mute", "of", "until", "by", "reason"], rows);
}
