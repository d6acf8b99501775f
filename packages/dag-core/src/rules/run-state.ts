import type { TaskInstanceState } from "../definition/states.ts";
import { finishedStates } from "../definition/states.ts";
import type { DagGraph } from "./dag-graph.ts";
import type { UpstreamCounts } from "./trigger-rules.ts";

/** A task instance as the rules see it. They change it in place; the store writes what changed. */
export interface InstanceState {
  readonly taskInstanceId: string;
  readonly taskId: string;
  mapIndex: number;
  state: TaskInstanceState;
  reason: string | null;
  tryNumber: number;
  maxTries: number;
  clearedAtTry: number;
  clearNumber: number;
  handOff: number;
  infraRetries: number;
  listLength: number | null;
  runsAlone: boolean;
  choice: string | null;
  lease: string | null;
  processId: string | null;
  readyAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  wakeAt: Date | null;
  firstPokeAt: Date | null;
  /** Whether it stands in `task_ready`: claimable by any process. */
  isReady: boolean;
}

/** What a row held before the rules changed it: the compare of the compare-and-set. */
export interface InstanceBefore {
  readonly state: TaskInstanceState;
  readonly lease: string | null;
  readonly isReady: boolean;
}

type Counts = Map<TaskInstanceState, number>;

/** The task instances of one run, with counts by task that follow each change. */
export class RunState {
  readonly dagRunId: string;
  readonly graph: DagGraph;
  /** Instances of mapped tasks that the rules created: task id and map indexes. */
  readonly expansions: { readonly taskId: string; readonly length: number }[] = [];
  readonly #instances = new Map<string, InstanceState[]>();
  readonly #byId = new Map<string, InstanceState>();
  readonly #counts = new Map<string, Counts>();
  readonly #before = new Map<InstanceState, InstanceBefore>();
  #unfinished = 0;

  constructor(dagRunId: string, graph: DagGraph, instances: Iterable<InstanceState>) {
    this.dagRunId = dagRunId;
    this.graph = graph;
    for (const instance of instances) this.add(instance);
  }

  get size(): number {
    return this.#byId.size;
  }

  get unfinished(): number {
    return this.#unfinished;
  }

  add(instance: InstanceState): void {
    const siblings = this.#instances.get(instance.taskId);
    if (siblings) siblings.push(instance);
    else this.#instances.set(instance.taskId, [instance]);
    this.#byId.set(instance.taskInstanceId, instance);
    this.#count(instance.taskId, instance.state, 1);
  }

  find(taskInstanceId: string): InstanceState | undefined {
    return this.#byId.get(taskInstanceId);
  }

  instancesOf(taskId: string): readonly InstanceState[] {
    return this.#instances.get(taskId) ?? [];
  }

  all(): Iterable<InstanceState> {
    return this.#byId.values();
  }

  count(taskId: string, state: TaskInstanceState): number {
    return this.#counts.get(taskId)?.get(state) ?? 0;
  }

  /** Remembers what the row held, before its first change. */
  touch(instance: InstanceState): void {
    if (this.#before.has(instance)) return;
    const { state, lease, isReady } = instance;
    this.#before.set(instance, { state, lease, isReady });
  }

  move(instance: InstanceState, state: TaskInstanceState, reason: string | null = null): void {
    this.touch(instance);
    this.#count(instance.taskId, instance.state, -1);
    instance.state = state;
    instance.reason = reason;
    this.#count(instance.taskId, state, 1);
  }

  /** What changed since the last call to `settle`, with what stood there before. */
  changes(): ReadonlyMap<InstanceState, InstanceBefore> {
    return this.#before;
  }

  /** Forgets the changes: they are written. */
  settle(): void {
    this.#before.clear();
    this.expansions.length = 0;
  }

  /** Counts of the states of all instances of some tasks. */
  upstreamCounts(taskIds: readonly string[]): UpstreamCounts {
    const sum = (state: TaskInstanceState) =>
      taskIds.reduce((n, taskId) => n + this.count(taskId, state), 0);
    return {
      total: taskIds.reduce((n, taskId) => n + this.instancesOf(taskId).length, 0),
      success: sum("success"),
      skipped: sum("skipped"),
      failed: sum("failed") + sum("cancelled"),
      upstreamFailed: sum("upstream_failed"),
      removed: sum("removed"),
    };
  }

  #count(taskId: string, state: TaskInstanceState, by: number): void {
    const counts: Counts = this.#counts.get(taskId) ?? new Map();
    this.#counts.set(taskId, counts.set(state, (counts.get(state) ?? 0) + by));
    if (!finishedStates.has(state)) this.#unfinished += by;
  }
}
