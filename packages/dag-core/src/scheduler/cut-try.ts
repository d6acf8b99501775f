import type { AttemptError } from "../definition/outcome.ts";
import type { StopReason } from "../rules/finish.ts";
import type { InstanceState } from "../rules/run-state.ts";
import { tryTimes } from "../rules/try-times.ts";
import type { EndedTry } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";

/** What the run log says of an attempt that ended with its run. */
function stopError({ facts }: RunEntry, taskId: string, reason: StopReason): AttemptError {
  const subject = `Task "${taskId}" of run "${facts.run_id}" was stopped:`;
  switch (reason) {
    case "run_timeout": {
      const message = `${subject} the run took longer than the timeout of DAG "${facts.dag_id}"; raise that, or clear the run to start it again`;
      return { class: "RunTimeout", message };
    }
    case "fail_fast": {
      const message = `${subject} another task failed, and DAG "${facts.dag_id}" says failFast; mend that task and clear the run`;
      return { class: "FailFast", message };
    }
  }
}

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
      outcome: {
        kind: "failed",
        reason,
        error: stopError(entry, instance.taskId, reason),
        retry: "never",
      },
      endedAt: now,
    },
    record: { state: "failed", reason },
    claimedAt,
    ...tryTimes({ claimedAt, startedAt: undefined, endedAt: now, now }),
    processId,
    handOff,
    tryNumber,
    readyAt: instance.readyAt ?? claimedAt,
  };
}
