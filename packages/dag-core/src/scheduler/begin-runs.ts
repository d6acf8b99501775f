import type { DagGraph } from "../rules/dag-graph.ts";
import { newInstance, RunState } from "../rules/run-state.ts";
import type { Transaction } from "../store/database.ts";
import { dagRunBegin, type PlacesRow, type QueuedRunRow } from "../store/dag-run.ts";
import type { Advanced, AdvanceOptions } from "./advance-runs.ts";
import { Hop } from "./hop.ts";
import { progressRow, readyRow } from "./hop-rows.ts";
import { release } from "./release.ts";
import type { RunEntry } from "./run-entry.ts";

export interface BeginOptions extends AdvanceOptions {
  readonly graphs: ReadonlyMap<string, DagGraph>;
  /** Of the groups that the runs are of. */
  readonly places: readonly PlacesRow[];
}

/**
 * Starts locked runs that have never started, in one statement: what they do first is decided before their task
 * instances exist, so that each is written once, as it is from then on: running, ready, or waiting for others. The
 * statement commits the transaction.
 *
 * @returns undefined when one of them needs more than that and nothing was written
 */
export async function beginRuns(
  tx: Transaction,
  runs: readonly QueuedRunRow[],
  options: BeginOptions,
): Promise<Advanced | undefined> {
  const [here] = options.places;
  if (!here || runs.some((run) => !run.is_new || run.is_special)) return undefined;
  const entries = entriesOf(runs, options, here.now);
  if (!entries) return undefined;
  const hop = new Hop(here.now, entries);
  hop.isCapped = here.is_capped;
  for (const entry of entries.values()) hop.follow(entry, true);
  if (hop.endedRuns.length > 0 || [...entries.values()].some(needsMore)) return undefined;
  release(hop, startable(entries, options), options);
  await dagRunBegin(tx, rowsOf(hop), hop.now);
  return { hop, endedBackfills: [] };
}

/** Those whose tasks may start here. */
function startable(
  entries: ReadonlyMap<string, RunEntry>,
  { places }: BeginOptions,
): ReadonlySet<RunEntry> {
  const open = places.filter((row) => row.may_start && !row.is_paused && !row.is_capped);
  const dagIds = new Set(open.map((row) => row.dag_id));
  return new Set([...entries.values()].filter(({ facts }) => dagIds.has(facts.dag_id)));
}

function entriesOf(
  runs: readonly QueuedRunRow[],
  { graphs, places }: BeginOptions,
  now: Date,
): Map<string, RunEntry> | undefined {
  const ids = places.flatMap((row) => row.instance_ids).values();
  const entries = new Map<string, RunEntry>();
  for (const run of runs) {
    const graph = graphs.get(run.dag_version_id);
    if (!graph) return undefined;
    const instances = graph.manifest.tasks.map(({ taskId, retries }) =>
      newInstance({ taskInstanceId: ids.next().value ?? "", taskId, maxTries: retries }),
    );
    entries.set(run.dag_run_id, {
      facts: { ...run, started_at: now },
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
      [...state.all()].map((instance) => ({
        ...progressRow(instance),
        dag_run_id: facts.dag_run_id,
        task_id: instance.taskId,
      })),
    ),
    ready: hop.readied.map(({ entry, instance }) => readyRow(entry, instance)),
  };
}
