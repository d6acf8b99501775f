import { parseLimitKey, slotsOf } from "../rules/limits.ts";
import { isUnlimited } from "../rules/releasable.ts";
import type { InstanceBefore, InstanceState } from "../rules/run-state.ts";
import type { HopRows } from "../store/run-apply.ts";
import { alertRows } from "./alert-rows.ts";
import { type EndedTry, errorOf, type Hop } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";
import { beginsWait } from "./waits.ts";

/** The rows that one hop writes. */
export function hopRows(hop: Hop): HopRows {
  const changes = [...hop.entries.values()].flatMap((entry) =>
    [...entry.state.changes()].map(([instance, before]) => ({ entry, instance, before })),
  );
  const leftReady = changes.filter(({ instance, before }) => before.isReady && !instance.isReady);
  const leftRunning = changes.filter(
    ({ instance, before }) => before.state === "running" && instance.state !== "running",
  );
  return {
    instances: changes.map(({ instance, before }) => instanceRow(instance, before)),
    tries: [...hop.ended, ...hop.cut].flatMap(tryRow),
    outputs: hop.ended.flatMap(outputRow),
    states: hop.ended.flatMap(stateRows),
    ready: hop.readied.map(({ entry, instance }) => readyRow(entry, instance)),
    unreadyIds: leftReady.map(({ instance }) => instance.taskInstanceId),
    releasedIds: leftRunning
      .filter(({ entry, instance: { taskId } }) => hop.isCapped || isLimited(entry, taskId))
      .map(({ instance }) => instance.taskInstanceId),
    holds: changes
      .filter(({ instance, before }) => instance.state === "running" && before.state !== "running")
      .flatMap(({ entry, instance }) => holdRows(entry, instance)),
    alerts: alertRows(hop),
    runs: runRows(hop),
  };
}

/** What a started task instance takes of limits. */
function holdRows({ facts, state }: RunEntry, { taskId, taskInstanceId }: InstanceState) {
  const poolSlots = state.graph.tasks.get(taskId)?.poolSlots ?? 1;
  return (state.graph.limits.get(taskId) ?? []).map((key) => ({
    ...parseLimitKey(key),
    task_instance_id: taskInstanceId,
    slots: slotsOf(key, poolSlots),
    is_backfill: facts.backfill_id !== null,
  }));
}

function isLimited({ state }: RunEntry, taskId: string): boolean {
  return !isUnlimited(state.graph, taskId);
}

/** How far a task instance has come, in any run. */
export function progressRow(i: InstanceState): object {
  return {
    id: i.taskInstanceId,
    state: i.state,
    reason: i.reason,
    map_index: i.mapIndex,
    try_number: i.tryNumber,
    max_tries: i.maxTries,
    hand_off: i.handOff,
    lease: i.lease,
    process_id: i.processId,
    ready_at: i.readyAt,
    started_at: i.startedAt,
    ended_at: i.endedAt,
  };
}

function instanceRow(i: InstanceState, before: InstanceBefore): object {
  return {
    ...progressRow(i),
    from_state: before.state,
    from_lease: before.lease,
    infra_retries: i.infraRetries,
    list_length: i.listLength,
    runs_alone: i.runsAlone,
    choices: i.choices,
    wake_at: i.wakeAt,
    first_poke_at: i.firstPokeAt,
    wake_key: i.wakeKey,
    woken_by: i.wokenBy,
  };
}

function tryRow(ended: EndedTry): readonly object[] {
  const { entry, instance, report, record } = ended;
  if (!record) return [];
  return [
    {
      task_instance_id: instance.taskInstanceId,
      dag_run_id: entry.facts.dag_run_id,
      try_number: ended.tryNumber,
      hand_off: ended.handOff,
      clear_number: instance.clearNumber,
      map_index: instance.mapIndex,
      process_id: ended.processId,
      ready_at: ended.readyAt,
      claimed_at: ended.claimedAt,
      started_at: ended.startedAt,
      ended_at: ended.endedAt,
      dag_id: entry.facts.dag_id,
      task_id: instance.taskId,
      state: record.state,
      reason: record.reason,
      error: errorOf(report),
    },
  ];
}

function outputRow({ instance, report }: EndedTry): readonly object[] {
  if (report.outcome.kind !== "success" || report.outcome.output === undefined) return [];
  return [{ id: instance.taskInstanceId, value: report.outcome.output }];
}

function stateRows({ entry, instance, report }: EndedTry): readonly object[] {
  if (report.outcome.kind !== "success") return [];
  return Object.entries(report.outcome.state ?? {}).map(([key, value]) => ({
    dag_id: entry.facts.dag_id,
    task_id: instance.taskId,
    map_index: instance.mapIndex,
    key,
    value,
  }));
}

/** The row of a task instance that anyone may claim. */
export function readyRow({ facts, state }: RunEntry, instance: InstanceState): object {
  const task = state.graph.tasks.get(instance.taskId);
  const limits = state.graph.limits.get(instance.taskId) ?? [];
  return {
    task_instance_id: instance.taskInstanceId,
    dag_run_id: facts.dag_run_id,
    priority_weight: task?.priorityWeight ?? 1,
    pool_slots: task?.poolSlots ?? 1,
    order_at: facts.logical_date ?? facts.run_after,
    dag_id: facts.dag_id,
    limits: limits.length > 0 ? limits : null,
    is_backfill: facts.backfill_id !== null,
  };
}

function runRows(hop: Hop): readonly object[] {
  const ended = new Map(hop.endedRuns.map(({ entry, outcome }) => [entry, outcome]));
  const suspended = new Set(hop.suspended);
  return [...hop.entries.values()].map((entry) => {
    const outcome = ended.get(entry);
    const verdict = hop.verdicts.get(entry);
    return {
      id: entry.facts.dag_run_id,
      changed: entry.changed,
      state: outcome?.state ?? (suspended.has(entry) ? "queued" : "running"),
      reason: outcome?.reason ?? null,
      ended_at: outcome ? hop.now : null,
      verdict: verdict?.state ?? null,
      verdict_reason: verdict?.reason ?? null,
      begins_wait: !outcome && beginsWait(entry),
    };
  });
}
