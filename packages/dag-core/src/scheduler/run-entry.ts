import type { DagGraph } from "../rules/dag-graph.ts";
import { type InstanceState, RunState } from "../rules/run-state.ts";
import type { DagRunFactsRow, TaskInstanceRow } from "../store/rows.ts";

/** A run in memory: what does not change about it, its task instances, and the `changed` they are a copy of. */
export interface RunEntry {
  readonly facts: DagRunFactsRow;
  readonly state: RunState;
  changed: number;
}

/** Who did what a task instance did, as events and runs tell of it. */
export function taskActor({ facts }: RunEntry, { taskId }: InstanceState): string {
  return `task:${facts.dag_id}/${facts.run_id}/${taskId}`;
}

export function instanceOf(row: TaskInstanceRow): InstanceState {
  return {
    taskInstanceId: row.task_instance_id,
    taskId: row.task_id,
    mapIndex: row.map_index,
    state: row.state,
    reason: row.reason,
    tryNumber: row.try_number,
    maxTries: row.max_tries,
    clearedAtTry: row.cleared_at_try,
    clearNumber: row.clear_number,
    handOff: row.hand_off,
    infraRetries: row.infra_retries,
    listLength: row.list_length,
    runsAlone: row.runs_alone,
    choices: row.choices,
    lease: row.lease_token,
    processId: row.process_id,
    readyAt: row.ready_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    wakeAt: row.wake_at,
    firstPokeAt: row.first_poke_at,
    wakeKey: row.wake_key,
    wokenBy: row.woken_by,
    isReady: row.is_ready,
  };
}

export function runEntry(
  facts: DagRunFactsRow,
  graph: DagGraph,
  rows: readonly TaskInstanceRow[],
  changed: number,
): RunEntry {
  return { facts, changed, state: new RunState(facts.dag_run_id, graph, rows.map(instanceOf)) };
}
