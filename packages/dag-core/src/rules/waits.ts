import type { WaitManifest } from "../definition/manifest.ts";
import type { Outcome } from "../definition/outcome.ts";
import { formatMs } from "../kernel/duration.ts";
import type { DagRunState } from "../definition/states.ts";

/** Events are older than nothing before it. */
const beginning = new Date(0);

/** From when on an event counts: by default since the run was created, so that none sent for the run is missed. */
export function sinceOf(
  { since = "run" }: WaitManifest,
  run: { readonly createdAt: Date; readonly intervalStart: Date },
): Date {
  switch (since) {
    case "run":
      return run.createdAt;
    case "interval":
      return run.intervalStart;
    case "kept":
      return beginning;
  }
}

export interface EndedOther {
  readonly dagId: string;
  readonly runId: string;
  readonly state: DagRunState;
}

/**
 * What the end of another run means for a task that waits for it.
 *
 * @returns undefined to wait on, until that run has been cleared and ends again
 */
export function runEnding(
  { states = ["success"], onFailure = "fail" }: WaitManifest,
  other: EndedOther,
): Outcome | undefined {
  if (states.includes(other.state)) return { kind: "success", output: JSON.stringify(other) };
  if (onFailure === "wait") return undefined;
  const message = `Run "${other.runId}" of DAG "${other.dagId}" is ${other.state}; clear that run, then this task`;
  const error = { class: "RunNotAwaited", message };
  return { kind: "failed", reason: "upstream", error, retry: "never" };
}

/** What a wait ends with whose time is over. */
export function waitTimedOut(wakeKey: string | null, timeoutMs: number): Outcome {
  const message = `"${wakeKey}" did not come in ${formatMs(timeoutMs)}; raise the timeout, or clear the task to wait again`;
  const error = { class: "WaitTimeout", message };
  return { kind: "failed", reason: "timeout", error, retry: "never" };
}
