import type { Store } from "../store/database.ts";
import { runApply } from "../store/run-apply.ts";
import { isRolledBack } from "../store/transient-errors.ts";
import type { Advanced, AdvanceOptions } from "./advance-runs.ts";
import { type FinishReport, Hop } from "./hop.ts";
import { hopRows } from "./hop-rows.ts";
import { mayPause } from "./pause-failing.ts";
import { passOnSlots } from "./pass-on-slots.ts";
import { release, remember } from "./release.ts";
import type { RunEntry } from "./run-entry.ts";

/**
 * A hop in one statement, decided on the copies that this process has of the runs: the statement locks the runs and
 * writes only if each is as its copy says. That saves the three other round trips of the transaction, in the case that
 * almost every hop is. What needs another statement, or a run that somebody else changed, is left to the transaction.
 *
 * @returns undefined when the hop was not made and nothing was written
 */
export async function advanceAtOnce(
  database: Store,
  options: AdvanceOptions,
): Promise<Advanced | undefined> {
  const { cache, finished = [], dagRunIds = [], clock, processId } = options;
  const now = clock?.now();
  if (!now || dagRunIds.length > 0 || !finished.every(isPlain)) return undefined;
  const reports = Map.groupBy(finished, (report) => report.dagRunId);
  const known = cache.takeKnown([...reports.keys()]);
  if (!known) return undefined;
  const entries = [...known.values()];
  if (!entries.every((entry) => isAlone(entry, reports.get(entry.facts.dag_run_id) ?? []))) {
    for (const entry of entries) cache.put(entry);
    return undefined;
  }
  const hop = decided(new Hop(now, known), options);
  if (needsMore(hop)) return undefined;
  const startable = new Set(entries);
  await passOnSlots(database, hop, startable, options);
  release(hop, startable, options);
  const apply = { isAtOnce: true, starts: hop.started.length > 0, processId };
  const applied = await runApply(database, hopRows(hop), apply).catch(refusedOnly);
  if (!applied) return undefined;
  hop.alerts = applied.alerts;
  clock?.observe(applied.now);
  remember(cache, hop);
  return { hop, endedBackfills: [] };
}

/** A deadlock has rolled the statement back: nothing was written, and the transaction tries again. */
function refusedOnly(error: unknown): undefined {
  if (!isRolledBack(error)) throw error;
}

/** Whether an outcome changes nothing but its run. */
function isPlain({ outcome }: FinishReport): boolean {
  if (outcome.kind === "success") return outcome.events === undefined;
  return outcome.kind !== "trigger" && outcome.kind !== "defer";
}

/** Whether a run neither waits for others nor is waited for, by all that its copy says. */
function isAlone({ facts, state }: RunEntry, reports: readonly FinishReport[]): boolean {
  const { pastTasks, tasks } = state.graph;
  const endsForBackfill = facts.backfill_id !== null && state.unfinished <= reports.length;
  if (endsForBackfill || pastTasks.length > 0 || [...state.inState("deferred")].length > 0) {
    return false;
  }
  return reports.every(({ taskInstanceId }) => {
    const taskId = state.find(taskInstanceId)?.taskId;
    return taskId !== undefined && tasks.get(taskId)?.outlets === undefined;
  });
}

function decided(hop: Hop, { finished = [], maxInfraRetries }: AdvanceOptions): Hop {
  for (const report of finished) hop.finish(report, maxInfraRetries);
  for (const entry of hop.entries.values()) hop.follow(entry, false);
  return hop;
}

/** What only another statement can do. A report of an attempt that the copy does not know may be of a newer state. */
function needsMore({ entries, fenced, endedRuns }: Hop): boolean {
  return (
    fenced.length > 0 ||
    [...entries.values()].some((entry) => entry.state.expansions.length > 0) ||
    endedRuns.some((ended) => ended.entry.facts.backfill_id !== null || mayPause(ended))
  );
}
