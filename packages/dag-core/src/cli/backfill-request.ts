import { type Command, Option } from "commander";
import type { BackfillItem } from "../client/read-model.ts";
import type { BackfillRequest } from "../client/backfills.ts";
import type { BackfillPlan, Reprocess } from "../backfill/plan.ts";
import { mostBatchIntervals } from "../definition/backfill-limits.ts";
import { formatMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import { wholeNumber } from "./command.ts";
import { table } from "./table.ts";

export interface RequestFlags {
  readonly dagId?: string;
  readonly fromDate: string;
  readonly toDate: string;
  readonly reprocessBehavior: Reprocess;
  readonly runBackwards?: boolean;
  readonly batch?: number;
}

/** The options that say what is to be backfilled. */
export function requestOptions(command: Command): Command {
  return command
    .option("--dag-id <dag>", "the DAG, instead of as the first argument")
    .requiredOption("--from-date <date>", "first logical date, in the DAG's zone")
    .requiredOption("--to-date <date>", "last logical date, included")
    .addOption(
      new Option("--reprocess-behavior <which>", "which runs that have ended are done again")
        .choices(["none", "failed", "completed"] satisfies Reprocess[])
        .default("none"),
    )
    .option("--run-backwards", "newest first")
    .option(
      "--batch <n>",
      "one run for up to n contiguous intervals, where the DAG allows it",
      wholeNumber(1, mostBatchIntervals),
    );
}

export function requestOf(named: string | undefined, flags: RequestFlags): BackfillRequest {
  const dagId = named ?? flags.dagId;
  if (dagId === undefined || (flags.dagId !== undefined && flags.dagId !== dagId)) {
    const subject = "The backfill";
    const problem = dagId === undefined ? "names no DAG" : `names both ${dagId} and ${flags.dagId}`;
    const remedy = "give one DAG, as the first argument or with --dag-id";
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy });
  }
  const { fromDate: from, toDate: to, reprocessBehavior: reprocess, runBackwards, batch } = flags;
  return { dagId, from, to, reprocess, runBackwards, batch };
}

const mostShown = 40;

/** A plan for people: what happens to each interval, and the hash by which it can be agreed to. */
export async function planText({ entries, counts, hash, ...plan }: BackfillPlan): Promise<string> {
  const rows = entries
    .slice(0, mostShown)
    .map((entry) => [
      entry.interval.start,
      entry.interval.end,
      entry.action,
      entry.reason,
      entry.runId,
    ]);
  const list = await table(["data interval start", "end", "action", "why", "run"], rows);
  const more = entries.length - mostShown;
  const late = plan.firstUnfinished?.start.toISOString();
  return [
    list,
    ...(more > 0 ? [`... and ${more} more; --output json lists all`] : []),
    ...(late === undefined ? [] : [`Left out, since it is not over yet: ${late} and what follows`]),
    `${counts.create} to create, ${counts.clear} to do again, ${counts.skip} to leave, in ${plan.runs} runs; plan ${hash}`,
  ].join("\n");
}

export function backfillsTable(items: readonly BackfillItem[]): Promise<string> {
  const columns = ["backfill", "dag", "state", "from", "to", "runs", "ended", "failed", "left"];
  const rows = items.map((one) => [
    one.backfillId,
    one.dagId,
    one.state,
    one.fromDate,
    one.toDate,
    one.runs,
    `${Math.floor(one.progress * 100)} %`,
    one.failed,
    one.endedAt || one.secondsLeft === null ? "" : formatMs(one.secondsLeft * 1_000),
  ]);
  return table(columns, rows);
}
