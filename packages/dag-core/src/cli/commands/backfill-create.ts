import type { Command } from "commander";
import { mostBackfillRuns } from "../../definition/backfill-limits.ts";
import { TidemillError } from "../../kernel/errors.ts";
import { planText, type RequestFlags, requestOf, requestOptions } from "../backfill-request.ts";
import { leaf, whyOption, wholeNumber } from "../command.ts";
import { type OutputOptions, show, withProgress } from "../output.ts";
import { readParams } from "../read-params.ts";
import { noteIfNoScheduler, type Session, withSession } from "../session.ts";

interface CreateFlags extends RequestFlags, OutputOptions {
  readonly maxActiveRuns?: number;
  readonly params?: string;
  readonly plan?: string;
  readonly dryRun?: boolean;
  readonly why?: string;
}

export function backfillCreate(parent: Command): void {
  const command = leaf(parent, "create [dag]", {
    does: "Make the runs of past dates; they start as its own limit of active runs allows.",
    example: "tidemill backfill create orders_daily --from-date 2026-01-01 --to-date 2026-01-31",
  });
  requestOptions(command)
    .option(
      "--max-active-runs <n>",
      "its runs at once (default: 10)",
      wholeNumber(1, mostBackfillRuns),
    )
    .option("-p, --params <json>", "params of the runs as a JSON object, or @file")
    .option("--plan <hash>", "refuse if the plan is not this one any more")
    .option("--dry-run", "list what it would do, or refuse what it would refuse")
    .option(...whyOption)
    .action((dagId: string | undefined, flags: CreateFlags) =>
      withSession(async (session) => {
        try {
          await create(session, dagId, flags);
        } catch (error) {
          const skip = leftAsTheyAre(error);
          if (skip === 0) throw error;
          const isDryRun = flags.dryRun ?? false;
          const counts = { create: 0, clear: 0, skip };
          const said = `Nothing to do: ${skip} intervals are left as they are; "tidemill backfill plan" shows why`;
          await show(flags, { isDryRun, backfillId: null, counts }, () => said);
        }
      }),
    );
}

async function create(
  session: Session,
  dagId: string | undefined,
  flags: CreateFlags,
): Promise<void> {
  const { backfill } = session.client;
  const { maxActiveRuns, plan: planHash, why } = flags;
  const params = readParams(flags.params);
  const options = { ...requestOf(dagId, flags), maxActiveRuns, params, planHash, why };
  if (flags.dryRun === true) {
    const plan = await backfill.check(options);
    return show(flags, { isDryRun: true, plan }, () => planText(plan));
  }
  const created = await withProgress("intervals", (onProgress) =>
    backfill.create({ ...options, onProgress }),
  );
  await noteIfNoScheduler(session, "its runs start");
  const { backfillId, plan } = created;
  const { counts, runs } = plan;
  const shown = { isDryRun: false, backfillId, counts: plan.counts, hash: plan.hash };
  return show(flags, shown, () => {
    return `Backfill ${backfillId}: ${counts.create} intervals to run, ${counts.clear} to run again, ${counts.skip} left as they are, in ${runs} runs`;
  });
}

/** How many intervals a backfill found done where it found nothing else; a command that is repeated is not wrong. */
function leftAsTheyAre(error: unknown): number {
  const isEmpty = error instanceof TidemillError && error.code === "TIDEMILL_BACKFILL_EMPTY";
  return isEmpty ? Number(error.details["skipped"]) : 0;
}
