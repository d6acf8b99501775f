import type { Outcome } from "../definition/outcome.ts";
import { checkedParamsOrThrow } from "../definition/params.ts";
import { wakeKey } from "../definition/wake-key.ts";
import { TidemillError, tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { triggeredRunId } from "../rules/run-id.ts";
import type { InstanceState } from "../rules/run-state.ts";
import { type DagFactsRow, dagFacts, dagIds, dagLock, runFind } from "../store/client.ts";
import type { Queryable, Transaction } from "../store/database.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";
import type { FinishReport, Hop } from "./hop.ts";
import { intervalOrThrow, makeManualRun } from "./manual-run.ts";
import { type RunEntry, taskActor } from "./run-entry.ts";

type Trigger = Extract<Outcome, { kind: "trigger" }>;

/** Locks the DAGs that get runs, in the order of their ids and before any run is locked. */
export async function lockTargets(tx: Queryable, reports: readonly FinishReport[]): Promise<void> {
  const targets = reports.flatMap(({ outcome }) =>
    outcome.kind === "trigger" ? [outcome.dagId] : [],
  );
  for (const dagId of [...new Set(targets)].sort()) await dagLock(tx, dagId);
}

/**
 * Makes the runs that ended attempts ask for, each once for a task instance and clear number, and tells what became of
 * it as the outcome of the attempt. An attempt whose lease is gone makes none.
 */
export async function makeRuns(
  tx: Transaction,
  hop: Hop,
  reports: readonly FinishReport[],
): Promise<readonly FinishReport[]> {
  const made: FinishReport[] = [];
  for (const report of reports) {
    const held = report.outcome.kind === "trigger" ? hop.held(report) : undefined;
    if (held && report.outcome.kind === "trigger") {
      const outcome = await makeOrBlame(tx, held.entry, held.instance, report.outcome);
      if (outcome.kind !== "failed") hop.told += 1;
      made.push({ ...report, outcome });
    } else made.push(report);
  }
  return made;
}

async function makeOrBlame(
  tx: Transaction,
  entry: RunEntry,
  instance: InstanceState,
  trigger: Trigger,
): Promise<Outcome> {
  try {
    const runId = await makeRun(tx, entry, instance, trigger);
    const { dagId } = trigger;
    const isAwaited = entry.state.graph.tasks.get(instance.taskId)?.waits !== undefined;
    if (isAwaited) return { kind: "defer", wakeKey: wakeKey({ kind: "run", dagId, runId }) };
    return { kind: "success", output: JSON.stringify({ dagId, runId, state: "queued" }) };
  } catch (error) {
    if (!(error instanceof TidemillError)) throw error;
    const { code, message } = error;
    return { kind: "failed", reason: "error", error: { class: code, message }, retry: "never" };
  }
}

/** @returns the id of the run: the same for every attempt until the task is cleared */
async function makeRun(
  tx: Transaction,
  entry: RunEntry,
  instance: InstanceState,
  trigger: Trigger,
): Promise<string> {
  const { dagId } = trigger;
  const dag = await dagFacts(tx, dagId);
  if (!dag) throw tidemillError("TIDEMILL_DAG_NOT_FOUND", { dagId, known: await dagIds(tx) });
  const params = checkedParamsOrThrow(dag.manifest, JSON.parse(trigger.params) as JsonValue);
  const runId = triggeredRunId(instance);
  if ((await runFind(tx, dagId, runId)) !== undefined) return runId;
  const { interval } = trigger;
  const named = interval === undefined ? undefined : coveringOrThrow(dag, interval);
  const actor = taskActor(entry, instance);
  await makeManualRun(tx, { dag, runId, named, params, actor, about: { interval } });
  return runId;
}

const coveringOrThrow = (dag: DagFactsRow, date: string): Interval =>
  intervalOrThrow(dag, date, timetableOf(dag.manifest).covering(new Date(date)));
