import { backfillRunId } from "../rules/run-id.ts";
import { backfillBatchSplit, type BatchPart } from "../store/backfill-run.ts";
import { dagRunBackfillLock } from "../store/dag-run.ts";
import type { Queryable } from "../store/database.ts";
import { intervalsBetween } from "../timetable/data-interval.ts";
import { runOf } from "../timetable/timetable.ts";
import type { Hop } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";

/** Where a run of a backfill over several intervals has failed, each interval is tried in a run of its own. */
export async function splitBatches(tx: Queryable, hop: Hop): Promise<void> {
  const failed = hop.endedRuns.filter(({ outcome }) => outcome.state === "failed");
  const parts = failed.flatMap(({ entry }) => partsOf(entry));
  if (parts.length === 0) return;
  const backfillIds = failed.flatMap(({ entry }) => entry.facts.backfill_id ?? []);
  await dagRunBackfillLock(tx, [...new Set(backfillIds)]);
  await backfillBatchSplit(tx, parts);
}

function partsOf({ facts }: RunEntry): readonly BatchPart[] {
  const { backfill_id, interval_bounds: bounds, dag_run_id: dagRunId } = facts;
  if (backfill_id === null || bounds === null) return [];
  return intervalsBetween(bounds).map((interval) => {
    return { ...interval, dagRunId, runId: backfillRunId(runOf(interval)) };
  });
}
