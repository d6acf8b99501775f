import type { TaskManifest } from "../definition/manifest.ts";
import type { Outcome } from "../definition/outcome.ts";
import { finishedStates, type StateReason } from "../definition/states.ts";
import { retryDecision } from "./retry.ts";
import type { InstanceState, RunState } from "./run-state.ts";

export interface FinishOptions {
  readonly run: RunState;
  readonly instance: InstanceState;
  readonly outcome: Outcome;
  readonly now: Date;
  /** Tries that the engine gives back when a process was lost, before it gives up. */
  readonly maxInfraRetries: number;
  readonly logicalDate: Date | null;
}

/** How a try is written to the run log. */
export interface TryRecord {
  readonly state: "success" | "failed" | "skipped" | "up_for_retry" | "removed";
  readonly reason: string | null;
}

/** Why a run is stopped before its tasks have ended. */
export type StopReason = Extract<StateReason, "run_timeout" | "fail_fast">;

/** Between two offers of a task whose DAG runners do not have: the longer it is away, the longer, so that it costs little. */
const unloadedDelayMs = { least: 5_000, most: 300_000 };

/**
 * Applies the outcome of an attempt to its instance.
 *
 * @returns what the run log says of the try; undefined where the try goes on (a sensor that asks again)
 */
export function finish(options: FinishOptions): TryRecord | undefined {
  const { run, instance, outcome } = options;
  run.touch(instance);
  instance.lease = null;
  switch (outcome.kind) {
    case "success":
      instance.listLength = outcome.listLength ?? null;
      instance.choices = outcome.choices ?? null;
      return end(options, "success", null);
    case "skipped":
      return end(options, "skipped", "skipped_by_task");
    case "reschedule":
      return askAgain(options, outcome.afterMs);
    case "defer":
      return waitFor(options, outcome.wakeKey);
    case "trigger":
      throw new Error("A run that a task triggers is made before its end is written");
    case "failed":
      return failed(options, outcome.reason, outcome.retry);
    case "lost":
      return lost(options, outcome);
    case "wrong_version":
      if (outcome.missing === "task") return end(options, "removed", null);
      return offerLater(options);
  }
}

function taskOf({ run, instance }: FinishOptions): TaskManifest {
  const task = run.graph.tasks.get(instance.taskId);
  if (!task) throw new Error(`Task ${instance.taskId} is not in the graph of its run`);
  return task;
}

const after = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

function end(
  { run, instance, now }: FinishOptions,
  state: "success" | "failed" | "skipped" | "removed",
  reason: StateReason | null,
): TryRecord {
  run.move(instance, state, reason);
  instance.endedAt = endOf(instance, now);
  return { state, reason };
}

/** The clock lags behind the database's, by which the claim wrote when the instance began. */
const endOf = ({ startedAt }: InstanceState, now: Date): Date =>
  startedAt !== null && startedAt > now ? startedAt : now;

function waitUntil(
  run: RunState,
  instance: InstanceState,
  state: "up_for_retry" | "up_for_reschedule",
  wakeAt: Date,
): undefined {
  run.move(instance, state);
  instance.wakeAt = wakeAt;
}

function askAgain(options: FinishOptions, afterMs: number): TryRecord | undefined {
  const record = askLater(options, afterMs);
  if (!record) forgetLosses(options.instance);
  return record;
}

function askLater(options: FinishOptions, afterMs: number): TryRecord | undefined {
  const { run, instance, now } = options;
  const since = (instance.firstPokeAt ??= instance.startedAt ?? now);
  const timeoutMs = taskOf(options).pokeTimeoutMs;
  const wakeAt = after(now, afterMs);
  if (timeoutMs !== undefined && wakeAt.getTime() - since.getTime() > timeoutMs) {
    return end(options, "failed", "timeout");
  }
  return waitUntil(run, instance, "up_for_reschedule", wakeAt);
}

/** What no runner has loaded: a sensor is out of time in the end, anything else waits until its file comes back. */
function offerLater(options: FinishOptions): TryRecord | undefined {
  const { run, instance, now } = options;
  const { least, most } = unloadedDelayMs;
  if (taskOf(options).pokeTimeoutMs !== undefined) return askLater(options, least);
  // The others may have it; who gave it back does not take it again.
  const isFirst = instance.firstPokeAt === null;
  const awayMs = now.getTime() - (instance.firstPokeAt ??= now).getTime();
  const delayMs = isFirst ? 0 : Math.min(most, Math.max(least, awayMs));
  return waitUntil(run, instance, "up_for_reschedule", after(now, delayMs));
}

/** Until what the key names has happened, or the time for it is over. */
function waitFor(options: FinishOptions, wakeKey: string): undefined {
  const { run, instance, now } = options;
  const timeoutMs = taskOf(options).waits?.timeoutMs;
  forgetLosses(instance);
  run.move(instance, "deferred");
  instance.wakeKey = wakeKey;
  instance.wakeAt = timeoutMs === undefined ? null : after(now, timeoutMs);
}

function failed(
  options: FinishOptions,
  reason: StateReason,
  retry: Extract<Outcome, { kind: "failed" }>["retry"],
): TryRecord {
  const { run, instance, now } = options;
  const task = taskOf(options);
  const decision = retryDecision({
    policy: task,
    outcomeRetry: retry,
    tryNumber: instance.tryNumber,
    triesSinceClear: instance.tryNumber - instance.clearedAtTry,
    maxTries: instance.maxTries,
    identity: {
      dagId: run.graph.manifest.dagId,
      taskId: task.taskId,
      logicalDate: options.logicalDate,
      tryNumber: instance.tryNumber,
      mapIndex: instance.mapIndex,
    },
  });
  if (decision.decision === "fail") return end(options, "failed", reason);
  forgetLosses(instance);
  waitUntil(run, instance, "up_for_retry", after(now, decision.delayMs));
  return { state: "up_for_retry", reason };
}

/** An attempt that came to a verdict: what was lost before it is not held against a sensor that asks for weeks. */
function forgetLosses(instance: InstanceState): void {
  instance.infraRetries = 0;
  instance.runsAlone = false;
}

/** The instances that end when their run is stopped: all that is unfinished but teardowns, which run then. */
export function stoppable(run: RunState): readonly InstanceState[] {
  const { tasks } = run.graph;
  return [...run.all()].filter(
    ({ taskId, state }) => !finishedStates.has(state) && tasks.get(taskId)?.role !== "teardown",
  );
}

/** Reasons of failures that are written apart from what follows: by hand, or because the end could not be stored. */
const reasonsApart: ReadonlySet<string | null> = new Set<StateReason>(["manual", "serialization"]);

/**
 * Whether a task of a run has failed apart from any decision about the run, teardowns excepted. Any other failure was
 * followed when it happened: who has cleared some of what that stopped means it to go on.
 *
 * @param since when the run began; what failed before that it has left behind
 */
export function failedApart(run: RunState, since: Date | null): boolean {
  if (since === null) return false;
  return [...run.all()].some(
    ({ taskId, state, reason, endedAt }) =>
      state === "failed" &&
      reasonsApart.has(reason) &&
      endedAt !== null &&
      endedAt >= since &&
      run.graph.tasks.get(taskId)?.role !== "teardown",
  );
}

/** Ends an instance because its run is stopped: what runs has failed, anything else is skipped. */
export function stop(run: RunState, instance: InstanceState, reason: StopReason, now: Date): void {
  run.move(instance, instance.state === "running" ? "failed" : "skipped", reason);
  instance.lease = null;
  instance.wakeAt = null;
  instance.wakeKey = null;
  instance.isReady = false;
  instance.endedAt = endOf(instance, now);
}

/** A try whose process is gone is given back to the same try, so that it costs the user no retry. */
function lost(options: FinishOptions, outcome: Extract<Outcome, { kind: "lost" }>): TryRecord {
  const { run, instance, now, maxInfraRetries } = options;
  if (outcome.reason !== "stopped") {
    instance.runsAlone = outcome.reason !== "lease_lost" || instance.runsAlone;
    if (outcome.wasAlone || outcome.reason === "lease_lost") instance.infraRetries += 1;
    if (instance.infraRetries > maxInfraRetries) return end(options, "failed", outcome.reason);
  }
  run.move(instance, "scheduled");
  instance.readyAt = now;
  return { state: "up_for_retry", reason: outcome.reason };
}
