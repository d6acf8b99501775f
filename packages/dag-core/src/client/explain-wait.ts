import type { TaskManifest } from "../definition/manifest.ts";
import { parseWakeKey } from "../definition/wake-key.ts";
import { formatMs } from "../kernel/duration.ts";
import type { PastHold } from "../rules/past.ts";
import type { ExplainInstanceRow, ExplainRunRow } from "../store/read-model.ts";
import { type Reason, soon } from "./explain-run.ts";

/** Why a run of a DAG, or a task of it, waits for the run before. */
export function pastReason(dagId: string, hold: PastHold): Reason {
  const { reason, heldBy } = hold;
  return { reason, ...(heldBy.length > 0 && { heldBy }), nextLook: pastEnd(dagId, hold) };
}

/** What ends a wait for the past: where nothing runs there any more, the command that does. */
function pastEnd(dagId: string, { heldBy, taskIds, previous, isStuck }: PastHold): string {
  if (!isStuck) return "when they have succeeded or were skipped there, within a second or so";
  if (heldBy.length === 0) {
    return "when that run is cleared with the task, or another run takes its place";
  }
  const { runId, logicalDate, states } = previous;
  if (states.size === 0) {
    const date = logicalDate.toISOString();
    return `after "tidemill backfill create ${dagId} --from-date ${date} --to-date ${date} --reprocess-behavior failed": that run was ended before it started`;
  }
  const clear = `tidemill tasks clear ${dagId} ${runId} --only-failed`;
  const mark = `tidemill tasks mark ${dagId} ${runId} ${taskIds.join(" ")} --state success`;
  return `after "${clear}" when they succeed there, or after "${mark}"`;
}

/** Why a task that holds no process waits for a time. */
export function timedReason(
  { now }: ExplainRunRow,
  instance: ExplainInstanceRow,
  task: TaskManifest | undefined,
): Reason {
  const { wake_at, state, try_number, max_tries } = instance;
  const inMs = Math.max(0, (wake_at?.getTime() ?? 0) - now.getTime());
  const nextLook = wake_at?.toISOString() ?? soon;
  if (state === "up_for_retry") {
    const reason = `try ${try_number} of at most ${max_tries + 1} failed; the next begins in ${formatMs(inMs)}`;
    return { reason, nextLook };
  }
  const reason =
    task?.kind === "sensor"
      ? `it asked and found nothing yet; it asks again in ${formatMs(inMs)}`
      : `the process that took it had not loaded this version of the DAG; it is offered again in ${formatMs(inMs)}`;
  return { reason, nextLook };
}

/** Why a task that nothing limits has no process yet. */
export function readyReason(
  { first_poke_at }: ExplainInstanceRow,
  task: TaskManifest | undefined,
): Reason {
  if (first_poke_at === null || task?.kind === "sensor") {
    return { reason: "it is ready to be claimed; nothing holds it", nextLook: soon };
  }
  return {
    reason: "it is ready; the process that took it had not loaded this version of the DAG",
    nextLook: "when a process takes it that has, or loads it",
  };
}

/** What a deferred task waits for. */
export function deferredReason({ wake_key, wake_at }: ExplainInstanceRow): Reason {
  const until = wake_at === null ? "" : `, at the latest at ${wake_at.toISOString()}`;
  if (wake_key === null) return { reason: "it waits for an event", nextLook: soon };
  const awaited = parseWakeKey(wake_key);
  switch (awaited.kind) {
    case "event":
      return {
        reason: `it waits for event "${awaited.name}"`,
        nextLook: `after "tidemill events send ${awaited.name}"${until}`,
      };
    case "run":
      return {
        reason: "it waits for a run of another DAG",
        heldBy: [`${awaited.dagId} / ${awaited.runId}`],
        nextLook: `when that run ends${until}`,
      };
    case "interval":
      return {
        reason: `it waits for the run of DAG "${awaited.dagId}" about ${awaited.start.toISOString()}`,
        heldBy: [awaited.dagId],
        nextLook: `when that run ends${until}`,
      };
  }
}
