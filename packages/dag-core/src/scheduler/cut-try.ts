import type { StopReason } from "../rules/finish.ts";
import type { InstanceState } from "../rules/run-state.ts";
import type { EndedTry } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";

const stopErrors: Readonly<Record<StopReason, { class: string; message: string }>> = {
  run_timeout: { class: "RunTimeout", message: "The run was out of time while the task ran" },
  fail_fast: { class: "FailFast", message: "Another task of the run failed while the task ran" },
};

/** The attempt of a task that ends with its run, as the run log tells of it. */
export function cutTry(
  entry: RunEntry,
  instance: InstanceState,
  lease: string,
  reason: StopReason,
  now: Date,
): EndedTry {
  const { taskInstanceId, processId, handOff, tryNumber } = instance;
  const claimedAt = instance.startedAt ?? now;
  return {
    entry,
    instance,
    report: {
      dagRunId: entry.facts.dag_run_id,
      taskInstanceId,
      lease,
      outcome: { kind: "failed", reason, error: stopErrors[reason], retry: "never" },
      endedAt: now,
    },
    record: { state: "failed", reason },
    claimedAt,
    processId,
    handOff,
    tryNumber,
    readyAt: instance.readyAt ?? claimedAt,
  };
}
