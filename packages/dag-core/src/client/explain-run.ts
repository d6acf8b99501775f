import { finishedRunStates } from "../definition/states.ts";
import { formatMs } from "../kernel/duration.ts";
import type { SchedulerFailureRow } from "../store/failure.ts";
import type { ExplainRunRow } from "../store/read-model.ts";
import { failed } from "./health.ts";

/** One thing that keeps a run or a task from running. */
export interface Reason {
  readonly reason: string;
  /** Who has what it waits for. */
  readonly heldBy?: readonly string[];
  /** When it is looked at again, or what has to happen. */
  readonly nextLook: string;
}

/** A run with the newest failure of a scheduler that concerns it. */
export interface ExplainedRun extends ExplainRunRow {
  readonly failure: SchedulerFailureRow | undefined;
}

/** When something is looked at that nothing holds. */
export const soon = "at the next look of a scheduler, within a second or so";

/** What keeps any task of a run from starting, whatever the task. */
export function installationReasons(run: ExplainedRun): readonly Reason[] {
  const reasons: Reason[] = [];
  if (run.is_paused) {
    reasons.push({
      reason: `DAG "${run.dag_id}" is paused`,
      nextLook: `after "tidemill dags unpause ${run.dag_id}"`,
    });
  }
  if (run.import_error !== null) {
    reasons.push({
      reason: `the file ${run.file} of the DAG cannot be imported: ${firstLine(run.import_error)}`,
      nextLook: "when the file can be imported",
    });
  } else if (!run.is_present) {
    const reason = `no file declares DAG "${run.dag_id}" any more`;
    reasons.push({ reason, nextLook: "when a file declares it again" });
  }
  if (run.processes === 0) {
    const reason = "no scheduler and no worker is alive";
    reasons.push({ reason, nextLook: 'after "tidemill scheduler"' });
  }
  return [...reasons, ...failureReasons(run)];
}

/** A scheduler that failed within a minute may have failed over this run. */
export function failureReasons({ state, failure }: ExplainedRun): readonly Reason[] {
  if (!failure || finishedRunStates.has(state)) return [];
  return [{ reason: failed(failure), nextLook: soon }];
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

/**
 * That no process can take on anything more, if that is so.
 *
 * @param running attempts that run now, in the whole installation
 */
export function placesReason(
  { capacity, processes }: ExplainRunRow,
  running: number,
): Reason | undefined {
  if (processes === 0 || running < capacity) return undefined;
  const reason = `all ${capacity} places of ${processes} processes are taken: ${running} attempts run; TIDEMILL_PARALLELISM and TIDEMILL_RUNNERS say how many may in each`;
  return { reason, nextLook: "when an attempt ends" };
}

/** What a queued run waits for, beside what its own row says. */
export interface QueuedSituation {
  /** What its past holds. */
  readonly held: readonly Reason[];
  /** Attempts that run now, in the whole installation. */
  readonly running: number;
}

/** Why a queued run has not started. */
export function queuedReasons(
  run: ExplainedRun,
  { held, running }: QueuedSituation,
): readonly Reason[] {
  const reasons = [...installationReasons(run), ...held];
  if (run.processes > 0 && run.schedulers === 0) {
    reasons.push({
      reason: "workers are alive but no scheduler is, and only schedulers start runs",
      nextLook: 'after "tidemill scheduler"',
    });
  }
  if (run.run_after > run.now) {
    const inMs = run.run_after.getTime() - run.now.getTime();
    reasons.push({
      reason: `it may not start before ${run.run_after.toISOString()}, in ${formatMs(inMs)}`,
      nextLook: run.run_after.toISOString(),
    });
  }
  if (run.backfill_state === "paused") {
    reasons.push({
      reason: `backfill ${run.backfill_id} is paused`,
      nextLook: `after "tidemill backfill resume ${run.backfill_id}"`,
    });
  }
  if (run.running_runs >= run.max_active_runs) {
    const whose = run.backfill_id === null ? "its DAG" : `backfill ${run.backfill_id}`;
    reasons.push({
      reason: `${whose} has as many runs as it may have at once (${run.max_active_runs})`,
      heldBy: run.running_run_ids,
      nextLook: "when one of them ends",
    });
  }
  if (reasons.length > 0) return reasons;
  return [placesReason(run, running) ?? { reason: "nothing holds it", nextLook: soon }];
}
