import type { AssetEventFacts } from "../context/task-context.ts";
import type { TaskManifest } from "../definition/manifest.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { DagGraph } from "../rules/dag-graph.ts";
import type { InstanceState } from "../rules/run-state.ts";
import type { Hop } from "../scheduler/hop.ts";
import type { RunCache } from "../scheduler/run-cache.ts";
import { instanceOf } from "../scheduler/run-entry.ts";
import type { Queryable } from "../store/database.ts";
import { dagRunFacts, taskInstanceInputs } from "../store/dag-run.ts";
import { type AssetEventRow, assetEventsOfRuns } from "../store/asset.ts";
import type { DagRunFactsRow, TaskInputRow } from "../store/rows.ts";
import type { ClaimedRow } from "../store/task-ready.ts";
import type { AttemptInput, StartedHandOff } from "./hand-off.ts";

/** A started try, with what is known of its run. */
export interface Startable {
  readonly facts: DagRunFactsRow;
  readonly graph: DagGraph;
  readonly instance: InstanceState;
  readonly lease: string;
}

/** What a hop started. */
export function hopStartables(hop: Hop): readonly Startable[] {
  return hop.started.map(({ entry, instance, lease }) => ({
    facts: entry.facts,
    graph: entry.state.graph,
    instance: { ...instance },
    lease,
  }));
}

/** What a claim started, with the facts of its runs from memory or, where they are new here, from the database. */
export async function claimedStartables(
  database: Queryable,
  cache: RunCache,
  rows: readonly ClaimedRow[],
): Promise<readonly Startable[]> {
  const ids = [...new Set(rows.map((row) => row.dag_run_id))];
  const known = ids.flatMap((id) => cache.peek(id)?.facts ?? []);
  const unknown = ids.filter((id) => !cache.peek(id));
  const read = unknown.length > 0 ? await dagRunFacts(database, unknown) : [];
  const facts = new Map([...known, ...read].map((fact) => [fact.dag_run_id, fact]));
  const versions = [...facts.values()].map((fact) => fact.dag_version_id);
  const graphs = await cache.graphs(database, versions);
  return rows.flatMap((row): Startable[] => {
    const fact = facts.get(row.dag_run_id);
    const graph = fact && graphs.get(fact.dag_version_id);
    if (!fact || !graph || row.lease_token === null) return [];
    return [{ facts: fact, graph, instance: instanceOf(row), lease: row.lease_token }];
  });
}

/** Builds hand-offs; the outputs that the attempts read come from one query for all of them. */
export async function handOffs(
  database: Queryable,
  startables: readonly Startable[],
): Promise<readonly StartedHandOff[]> {
  const outputs = await readOutputs(database, startables);
  const updates = await readUpdates(database, startables);
  return startables.flatMap((startable) => {
    const task = startable.graph.tasks.get(startable.instance.taskId);
    return task ? [handOff(startable, task, outputs, updates)] : [];
  });
}

type Updates = ReadonlyMap<string, readonly AssetEventRow[]>;

/** Read only where a run was made for updates. */
async function readUpdates(
  database: Queryable,
  startables: readonly Startable[],
): Promise<Updates> {
  const ids = startables.flatMap(({ facts }) =>
    facts.run_type === "asset_triggered" ? [facts.dag_run_id] : [],
  );
  if (ids.length === 0) return new Map();
  const rows = await assetEventsOfRuns(database, [...new Set(ids)]);
  return Map.groupBy(rows, (row) => row.dag_run_id);
}

function updateFacts(row: AssetEventRow): AssetEventFacts {
  const { asset, payload, dag_id: dagId, run_id: runId, task_id: taskId } = row;
  const event = { asset, at: row.updated_at.toISOString(), payload };
  if (dagId === null || runId === null || taskId === null) return event;
  const intervalStart = row.data_interval_start?.toISOString() ?? event.at;
  const intervalEnd = row.data_interval_end?.toISOString() ?? event.at;
  return { ...event, producer: { dagId, runId, taskId, intervalStart, intervalEnd } };
}

type Outputs = ReadonlyMap<string, readonly TaskInputRow[]>;

const outputKey = (dagRunId: string, taskId: string) => `${dagRunId}/${taskId}`;

function sourcesOf(task: TaskManifest): readonly string[] {
  const over = task.over && "task" in task.over ? [task.over.task] : [];
  return [...Object.values(task.inputs), ...over];
}

async function readOutputs(
  database: Queryable,
  startables: readonly Startable[],
): Promise<Outputs> {
  const needed = startables.flatMap(({ facts, graph, instance }) => {
    const task = graph.tasks.get(instance.taskId);
    return (task ? sourcesOf(task) : []).map((taskId) => ({ runId: facts.dag_run_id, taskId }));
  });
  if (needed.length === 0) return new Map();
  const rows = await taskInstanceInputs(
    database,
    [...new Set(needed.map((need) => need.runId))],
    [...new Set(needed.map((need) => need.taskId))],
  );
  return Map.groupBy(rows, (row) => outputKey(row.dag_run_id, row.task_id));
}

/** What a task put out: its value, or for a mapped task the list of its instances' values. */
function outputOf(graph: DagGraph, rows: readonly TaskInputRow[] | undefined, taskId: string) {
  if (graph.tasks.get(taskId)?.kind === "each") return (rows ?? []).map((row) => row.value);
  return rows?.[0]?.value;
}

function handOff(
  startable: Startable,
  task: TaskManifest,
  outputs: Outputs,
  updates: Updates,
): StartedHandOff {
  const { instance, graph, lease } = startable;
  const own = updates.get(startable.facts.dag_run_id);
  const { taskInstanceId, clearNumber, tryNumber, handOff: number } = instance;
  return {
    id: `${taskInstanceId}-${clearNumber}-${tryNumber}-${number}`,
    lease,
    priority: task.priorityWeight,
    manifestHash: graph.manifestHash,
    isolation: instance.runsAlone ? "fresh" : task.isolation,
    input: {
      ...attemptInput(startable, task, outputs),
      ...(own && { assetEvents: own.map(updateFacts) }),
    },
  };
}

function attemptInput(startable: Startable, task: TaskManifest, outputs: Outputs): AttemptInput {
  const { facts, graph, instance } = startable;
  const read = (taskId: string) =>
    outputOf(graph, outputs.get(outputKey(facts.dag_run_id, taskId)), taskId);
  const inputs = Object.entries(task.inputs).flatMap(([name, taskId]) => {
    const value = read(taskId);
    return value === undefined ? [] : [[name, value] as const];
  });
  const list = task.over && "task" in task.over ? read(task.over.task) : undefined;
  const item = Array.isArray(list) ? (list[instance.mapIndex] as JsonValue) : undefined;
  return {
    dagId: facts.dag_id,
    runId: facts.run_id,
    runType: facts.run_type,
    taskId: task.taskId,
    mapIndex: instance.mapIndex,
    tryNumber: instance.tryNumber,
    clearNumber: instance.clearNumber,
    handOff: instance.handOff,
    taskInstanceId: instance.taskInstanceId,
    intervalStart: facts.data_interval_start.toISOString(),
    intervalEnd: facts.data_interval_end.toISOString(),
    ...(facts.interval_bounds && {
      intervalBounds: facts.interval_bounds.map((at) => at.toISOString()),
    }),
    params: facts.params,
    inputs: Object.fromEntries(inputs),
    ...(item === undefined ? {} : { item }),
    ...(task.timeoutMs === undefined ? {} : { timeoutMs: task.timeoutMs }),
  };
}
