import type { Command } from "commander";
import type { CheckedSchedule } from "../../client/check-schedules.ts";
import { formatMs } from "../../kernel/duration.ts";
import type { ChangedTick, ClockChange } from "../../timetable/clock-changes.ts";
import { formatInZone } from "../../timetable/wall-clock.ts";
import { leaf, wholeNumber } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { type Cell, table, timeText } from "../table.ts";

interface CheckFlags extends OutputOptions {
  readonly years: number;
}

export function scheduleCheck(parent: Command): void {
  leaf(parent, "check [dag...]", {
    does: "List the ticks that the clock changes of coming years make missing or ambiguous, and what becomes of them.",
    example: "tidemill schedule check orders_daily --years 2",
  })
    .option("--years <count>", "how far to look, at most 50", wholeNumber(1, 50), 5)
    .action((dagIds: readonly string[], flags: CheckFlags) =>
      withClient(async ({ readModel }) => {
        const { years } = flags;
        const checked = await readModel.checkSchedules({ dagIds, years });
        await show(flags, checked, () => checkedText(checked, years));
      }),
    );
}

async function checkedText(checked: readonly CheckedSchedule[], years: number): Promise<string> {
  const rows = checked.flatMap((dag) => dag.changes.map((change) => rowOf(dag, change)));
  const span = years === 1 ? "the coming year" : `the coming ${years} years`;
  if (rows.length === 0) {
    return `No change of the clock in ${span} touches a schedule (DAGs: ${checked.length})`;
  }
  const free = checked.filter((dag) => dag.changes.length === 0).length;
  const rest = free === 0 ? "" : `\n\nUntouched in ${span}: ${free} of ${checked.length} DAGs`;
  return `${await table(["dag", "local time", "there", "becomes", "UTC"], rows)}${rest}`;
}

function rowOf({ dagId, timezone }: CheckedSchedule, change: ClockChange): readonly Cell[] {
  if (change.kind !== "interval") {
    const utc = change.ticks.map(timeText).join(", ");
    return [dagId, change.localTime.replace("T", " "), isThere[change.kind], becomes(change), utc];
  }
  const { start, end } = change.interval;
  const length = `${lengthText(change.lengthMs)}, not ${lengthText(change.usualMs)}`;
  const utc = `${timeText(start)} to ${timeText(end)}`;
  return [dagId, formatInZone(start, timezone).replace("T", " "), "interval", length, utc];
}

const isThere = { missing: "does not exist", ambiguous: "exists twice" } as const;

function becomes({ becomes: outcome }: ChangedTick): string {
  return outcome === "merged" ? "one with another tick" : outcome;
}

/** Whole hours up to two days, since 47h and 48h are what there is to see. */
function lengthText(ms: number): string {
  const hours = ms / 3_600_000;
  return Number.isInteger(hours) && hours <= 48 ? `${hours}h` : formatMs(ms);
}
