import type { DagGraph } from "../rules/dag-graph.ts";
import { type InstanceState, newInstance, RunState } from "../rules/run-state.ts";
import type { Transaction } from "../store/database.ts";
import { dagRunBegin, type PlacesRow, type QueuedRunRow } from "../store/dag-run.ts";
import { StaleRunError } from "../store/run-apply.ts";
import type { Advanced, AdvanceOptions } from "./advance-runs.ts";
import { Hop } from "./hop.ts";
import { readyRow } from "./hop-rows.ts";
import { release } from "./release.ts";
import type { RunEntry } from "./run-entry.ts";

export interface BeginOptions extends AdvanceOptions {
  readonly graphs: ReadonlyMap<string, DagGraph>;
  readonly places: PlacesRow;
}

/**
 * Starts locked runs that have never started, in one statement: what they do first is decided before their task
 * instances exist, so that each is written once, as it is from then on: running, ready, or waiting for others.
 *
 * @returns undefined when one of them needs more than that and nothing was written
 */
export async function beginRuns(
  tx: Transaction,
  runs: readonly QueuedRunRow[],
  options: BeginOptions,
): Promise<Advanced | undefined> {
  const { places } = options;
  if (runs.some((run) => !run.is_new || run.is_special)) return undefined;
  const entries = entriesOf(runs, options);
  if (!entries) return undefined;
  const hop = new Hop(places.now, entries);
  hop.isCapped = places.is_capped;
  for (const entry of entries.values()) hop.follow(entry, true);
  if (hop.endedRuns.length > 0 || [...entries.values()].some(needsMore)) return undefined;
  const mayStart = places.may_start && !places.is_paused && !places.is_capped;
  release(hop, new Set(mayStart ? entries.values() : []), options);
  const started = await dagRunBegin(tx, rowsOf(hop), hop.now);
  if (started < runs.length) throw new StaleRunError("A queued run was not as its lock said");
  return { hop, endedBackfills: [] };
}

function entriesOf(
  runs: readonly QueuedRunRow[],
  { graphs, places }: BeginOptions,
): Map<string, RunEntry> | undefined {
  const ids = places.instance_ids.values();
  const entries = new Map<string, RunEntry>();
  for (const run of runs) {
    const graph = graphs.get(run.dag_version_id);
    if (!graph) return undefined;
    const instances = graph.manifest.tasks.map(({ taskId, retries }) =>
      newInstance({ taskInstanceId: ids.next().value ?? "", taskId, maxTries: retries }),
    );
    entries.set(run.dag_run_id, {
      facts: { ...run, started_at: places.now },
      state: new RunState(run.dag_run_id, graph, instances),
      changed: Number(run.changed),
    });
  }
  return entries;
}

/** Whether a run looks back on others, or has instances that only its first decision has found. */
const needsMore = ({ state }: RunEntry): boolean =>
  state.pastWanted.size > 0 || state.expansions.length > 0;

function rowsOf(hop: Hop) {
  const entries = [...hop.entries.values()];
  return {
    runs: entries.map(({ facts, state, changed }) => {
      const { runTimeoutMs } = state.graph.manifest;
      const times_out_at =
        runTimeoutMs === undefined ? null : new Date(hop.now.getTime() + runTimeoutMs);
      return { id: facts.dag_run_id, changed, times_out_at };
    }),
    instances: entries.flatMap(({ facts, state }) =>
      [...state.all()].map((instance) => instanceRow(facts.dag_run_id, instance)),
    ),
    ready: hop.readied.map(({ entry, instance }) => readyRow(entry, instance)),
  };
}

function instanceRow(dagRunId: string, instance: InstanceState): object {
  return {
    id: instance.taskInstanceId,
    dag_run_id: dagRunId,
    task_id: instance.taskId,
    map_index: instance.mapIndex,
    state: instance.state,
    reason: instance.reason,
    try_number: instance.tryNumber,
    max_tries: instance.maxTries,
    hand_off: instance.handOff,
    lease: instance.lease,
    process_id: instance.processId,
    ready_at: instance.readyAt,
    started_at: instance.startedAt,
    ended_at: instance.endedAt,
  };
}
