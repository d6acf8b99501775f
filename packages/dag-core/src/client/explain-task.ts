import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { finishedStates } from "../definition/states.ts";
import { formatMs } from "../kernel/duration.ts";
import { instanceName } from "../kernel/instance-name.ts";
import { verdictOf } from "../rules/decide.ts";
import { installationLimit, limitKey, limitsOf, slotsOf } from "../rules/limits.ts";
import type { RunState } from "../rules/run-state.ts";
import type { ExplainInstanceRow, ExplainLimitRow, ExplainRunRow } from "../store/read-model.ts";
import {
  type ExplainedRun,
  failureReasons,
  installationReasons,
  placesReason,
  type Reason,
  soon,
} from "./explain-run.ts";
import { deferredReason, pastReason, readyReason, timedReason } from "./explain-wait.ts";

/** What the explanation of a task rests on. */
export interface Situation {
  readonly run: ExplainedRun;
  readonly instances: readonly ExplainInstanceRow[];
  readonly limits: readonly ExplainLimitRow[];
  /** The same run after all that could be decided now was. */
  readonly decided: RunState;
  /** Attempts that run now, in the whole installation. */
  readonly running: number;
  /** Tasks that are ready and belong to no backfill. */
  readonly otherReady: number;
}

/** Why a task instance of a running run does not run, or that it does. */
export function taskReasons(situation: Situation, instance: ExplainInstanceRow): readonly Reason[] {
  const { run } = situation;
  const task = situation.decided.graph.tasks.get(instance.task_id);
  switch (instance.state) {
    case "none":
      return task ? upstreamReasons(situation, task, instance) : [];
    case "scheduled":
      return [...installationReasons(run), ...readyReasons(situation, instance, task)];
    case "queued":
      return [{ reason: "it was handed to an executor that has not started it", nextLook: soon }];
    case "running":
      return [runningReason(run, instance), ...failureReasons(run)];
    case "up_for_retry":
    case "up_for_reschedule":
      return [timedReason(run, instance, task), ...installationReasons(run)];
    case "deferred":
      return [deferredReason(instance), ...failureReasons(run)];
    case "upstream_failed":
      return [{ ...endedReason(instance), heldBy: failedBefore(situation, instance.task_id) }];
    case "success":
    case "failed":
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

/** What failed by itself, however far before a task that failed because of it. */
function failedBefore({ decided }: Situation, taskId: string): readonly string[] {
  const seen = new Set([taskId]);
  const failed: string[] = [];
  for (const id of seen) {
    const before = [
      ...(decided.graph.tasks.get(id)?.upstream ?? []),
      ...(decided.graph.setups.get(id) ?? []),
    ];
    for (const upstream of new Set(before)) {
      if (seen.has(upstream)) continue;
      const instances = decided.instancesOf(upstream);
      if (instances.some(({ state }) => state === "upstream_failed")) seen.add(upstream);
      const ended = instances.filter(({ state }) => state === "failed" || state === "cancelled");
      failed.push(...ended.map((one) => `${instanceName(one)} is ${one.state}`));
    }
  }
  return [...new Set(failed)].slice(0, mostNamed);
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

function upstreamReasons(
  { run, decided }: Situation,
  task: TaskManifest,
  { task_instance_id, map_index: mapIndex }: ExplainInstanceRow,
): readonly Reason[] {
  const hold = decided.pastHolds.get(task.taskId);
  if (hold) return [pastReason(run.dag_id, hold), ...installationReasons(run)];
  const { reason } = verdictOf(decided, task, { mapIndex });
  const next = decided.find(task_instance_id);
  if (next && next.state !== "none") {
    const why = next.reason === null ? "" : ` (${next.reason})`;
    const said = `${reason}: decided as ${next.state}${why}`;
    return [{ reason: said, nextLook: soon }, ...installationReasons(run)];
  }
  const before = new Set([...task.upstream, ...(decided.graph.setups.get(task.taskId) ?? [])]);
  const open = [...before]
    .flatMap((taskId) => decided.instancesOf(taskId))
    .filter(({ state }) => !finishedStates.has(state));
  const heldBy = open.slice(0, mostNamed).map((one) => `${instanceName(one)} is ${one.state}`);
  return [{ reason, heldBy, nextLook: "when one of them ends" }];
}

/** Task instances that one reason names. */
const mostNamed = 20;

/** `load`, or `load[3]` of a mapped task. */
export function nameOf({
  task_id,
  map_index,
}: Pick<ExplainInstanceRow, "task_id" | "map_index">): string {
  return instanceName({ taskId: task_id, mapIndex: map_index });
}

/** Everything across runs that a task counts against. */
export function limitKeysOf(manifest: DagManifest): readonly string[] {
  const stated = manifest.tasks.flatMap((task) => limitsOf(manifest, task));
  return [...new Set([...stated, installationLimit])];
}

function readyReasons(
  situation: Situation,
  instance: ExplainInstanceRow,
  task: TaskManifest | undefined,
): readonly Reason[] {
  if (!instance.is_ready) return insideRun(situation, instance, task);
  const counted = new Set([...(instance.limits ?? []), installationLimit]);
  const full = situation.limits.filter(
    (limit) => counted.has(limitKey(limit.kind, limit.name)) && isFull(limit, task),
  );
  if (full.length > 0) return full.map(fullReason);
  if (situation.run.processes === 0) return [];
  const { backfill_id } = situation.run;
  if (backfill_id !== null && situation.otherReady > 0) {
    const reason = `it is ready; backfills take at most their share while other work waits, and ${situation.otherReady} tasks of other runs do`;
    return [{ reason, nextLook: "when an attempt of a backfill ends, or nothing else waits" }];
  }
  const places = placesReason(situation.run, situation.running);
  if (places) return [{ ...places, reason: `it is ready; ${places.reason}` }];
  return [readyReason(instance, task)];
}

function isFull({ kind, name, capacity, taken }: ExplainLimitRow, task: TaskManifest | undefined) {
  const wanted = slotsOf(limitKey(kind, name), task?.poolSlots ?? 1);
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
    nextLook: taken > 0 ? "when one of them ends" : `after "tidemill pools set ${name} SLOTS"`,
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
    return [{ reason, heldBy: own.slice(0, mostNamed).map(nameOf), nextLook }];
  }
  if (maxActiveTasks !== undefined && active.length >= maxActiveTasks) {
    const reason = `at most ${maxActiveTasks} tasks of a run are active at once`;
    return [{ reason, heldBy: active.slice(0, mostNamed).map(nameOf), nextLook }];
  }
  return [{ reason: "it was made ready and is released next", nextLook: soon }];
}
