import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { finishedStates } from "../definition/states.ts";
import { formatMs } from "../kernel/duration.ts";
import { limitsOf } from "../rules/limits.ts";
import { evaluateTriggerRule, type UpstreamCounts } from "../rules/trigger-rules.ts";
import type { ExplainInstanceRow, ExplainLimitRow, ExplainRunRow } from "../store/read-model.ts";
import {
  type ExplainedRun,
  failureReasons,
  installationReasons,
  type Reason,
  soon,
} from "./explain-run.ts";

/** What the explanation of a task rests on. */
export interface Situation {
  readonly run: ExplainedRun;
  readonly instances: readonly ExplainInstanceRow[];
  readonly limits: readonly ExplainLimitRow[];
  /** Attempts that run now, in the whole installation. */
  readonly running: number;
}

/** Why a task instance of a running run does not run, or that it does. */
export function taskReasons(situation: Situation, instance: ExplainInstanceRow): readonly Reason[] {
  const { run } = situation;
  const task = run.manifest.tasks.find((one) => one.taskId === instance.task_id);
  switch (instance.state) {
    case "none":
      return task ? upstreamReasons(situation, task) : [];
    case "scheduled":
      return [...installationReasons(run), ...readyReasons(situation, instance, task)];
    case "queued":
      return [{ reason: "it was handed to an executor that has not started it", nextLook: soon }];
    case "running":
      return [runningReason(run, instance), ...failureReasons(run)];
    case "up_for_retry":
    case "up_for_reschedule":
      return [waitingReason(run, instance), ...installationReasons(run)];
    case "deferred":
      return [{ reason: "it waits for an event", nextLook: "when the event comes" }];
    case "success":
    case "failed":
    case "upstream_failed":
    case "skipped":
    case "removed":
    case "cancelled":
      return [endedReason(instance)];
  }
}

function endedReason({ state, reason, ended_at }: ExplainInstanceRow): Reason {
  const why = reason === null ? "" : ` (${reason})`;
  const at = ended_at === null ? "" : ` at ${ended_at.toISOString()}`;
  return { reason: `it has ended as ${state}${why}${at}`, nextLook: "never, unless it is cleared" };
}

function runningReason({ now }: ExplainRunRow, instance: ExplainInstanceRow): Reason {
  const { started_at, host, pid, process_state, heartbeat_at, try_number } = instance;
  const since = started_at === null ? "" : ` for ${formatMs(now.getTime() - started_at.getTime())}`;
  const where = host === null ? "" : ` by process ${pid} on ${host}`;
  if (process_state === "alive" || process_state === null) {
    return { reason: `try ${try_number} runs${since}${where}`, nextLook: "when it ends" };
  }
  const silent = heartbeat_at === null ? "" : `, silent since ${heartbeat_at.toISOString()}`;
  const reason = `try ${try_number} was carried${where}, which is ${process_state}${silent}`;
  return { reason, nextLook: "a scheduler rescues it at its next look" };
}

function waitingReason({ now }: ExplainRunRow, instance: ExplainInstanceRow): Reason {
  const { wake_at, state, try_number, max_tries } = instance;
  const inMs = Math.max(0, (wake_at?.getTime() ?? 0) - now.getTime());
  const reason =
    state === "up_for_retry"
      ? `try ${try_number} of at most ${max_tries + 1} failed; the next begins in ${formatMs(inMs)}`
      : `it asked and found nothing yet; it asks again in ${formatMs(inMs)}`;
  return { reason, nextLook: wake_at?.toISOString() ?? soon };
}

function upstreamReasons({ run, instances }: Situation, task: TaskManifest): readonly Reason[] {
  const upstream = instances.filter((one) => task.upstream.includes(one.task_id));
  const verdict = evaluateTriggerRule(task.triggerRule, countsOf(upstream));
  if (verdict.decision !== "wait") {
    const reason = `${verdict.reason}: decided as ${verdict.decision}`;
    return [{ reason, nextLook: soon }, ...installationReasons(run)];
  }
  const open = upstream.filter((one) => !finishedStates.has(one.state));
  const heldBy = open.map((one) => `${nameOf(one)} is ${one.state}`).slice(0, 20);
  return [{ reason: verdict.reason, heldBy, nextLook: "when one of them ends" }];
}

export function nameOf({
  task_id,
  map_index,
}: Pick<ExplainInstanceRow, "task_id" | "map_index">): string {
  return map_index < 0 ? task_id : `${task_id}[${map_index}]`;
}

function countsOf(upstream: readonly ExplainInstanceRow[]): UpstreamCounts {
  const count = (...states: readonly string[]) =>
    upstream.filter((one) => states.includes(one.state)).length;
  return {
    total: upstream.length,
    success: count("success"),
    skipped: count("skipped"),
    failed: count("failed", "cancelled"),
    upstreamFailed: count("upstream_failed"),
    removed: count("removed"),
  };
}

/** Everything across runs that a task counts against. */
export function limitKeysOf(manifest: DagManifest): readonly string[] {
  return [...new Set(manifest.tasks.flatMap((task) => limitsOf(manifest, task)))];
}

function readyReasons(
  situation: Situation,
  instance: ExplainInstanceRow,
  task: TaskManifest | undefined,
): readonly Reason[] {
  if (!instance.is_ready) return insideRun(situation, instance, task);
  const full = situation.limits.filter(
    (limit) => instance.limits?.includes(`${limit.kind}:${limit.name}`) && isFull(limit, task),
  );
  if (full.length > 0) return full.map(fullReason);
  const { capacity, processes } = situation.run;
  if (processes === 0) return [];
  if (situation.running >= capacity) {
    const reason = `it is ready; all ${capacity} places of ${processes} processes are taken`;
    return [{ reason, nextLook: "when an attempt ends" }];
  }
  return [{ reason: "it is ready to be claimed; nothing holds it", nextLook: soon }];
}

function isFull({ kind, capacity, taken }: ExplainLimitRow, task: TaskManifest | undefined) {
  const wanted = kind === "pool" ? (task?.poolSlots ?? 1) : 1;
  return capacity >= 0 && taken + wanted > capacity;
}

const limitWords: Readonly<Record<string, string>> = {
  pool: "pool",
  dag_tasks: "the limit of tasks of DAG",
  task: "the limit of the task",
  key: "concurrency key",
  installation: "the limit of the installation",
};

function fullReason({ kind, name, capacity, taken, holders }: ExplainLimitRow): Reason {
  return {
    reason: `${limitWords[kind] ?? kind} "${name}" is full: ${taken} of ${capacity} taken`,
    heldBy: holders,
    nextLook: "when one of them ends",
  };
}

/** Ready by its rule, and held back by a limit inside its own run. */
function insideRun(
  { run, instances }: Situation,
  instance: ExplainInstanceRow,
  task: TaskManifest | undefined,
): readonly Reason[] {
  const active = instances.filter((one) => one.state === "running" || one.is_ready);
  const own = active.filter((one) => one.task_id === instance.task_id);
  const nextLook = "when one of them ends";
  const { maxActiveTasks } = run.manifest;
  if (task?.maxActive !== undefined && own.length >= task.maxActive) {
    const reason = `at most ${task.maxActive} instances of the task are active at once`;
    return [{ reason, heldBy: own.map(nameOf).slice(0, 20), nextLook }];
  }
  if (maxActiveTasks !== undefined && active.length >= maxActiveTasks) {
    const reason = `at most ${maxActiveTasks} tasks of a run are active at once`;
    return [{ reason, heldBy: active.map(nameOf).slice(0, 20), nextLook }];
  }
  return [{ reason: "it was made ready and is released next", nextLook: soon }];
}
