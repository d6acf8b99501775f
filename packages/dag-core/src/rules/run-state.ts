import type { TaskInstanceState } from "../definition/states.ts";
import { finishedStates } from "../definition/states.ts";
import type { DagGraph } from "./dag-graph.ts";
import type { Past, PastHold } from "./past.ts";
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
  /** Of a branch: the cases chosen. Empty: nothing follows, also after a short circuit that answered false. */
  choices: readonly string[] | null;
  lease: string | null;
  processId: string | null;
  readyAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  wakeAt: Date | null;
  firstPokeAt: Date | null;
  /** What it waits for while it is deferred. */
  wakeKey: string | null;
  /** The event that ended its last wait; it does not end another one. */
  wokenBy: string | null;
  /** Whether it stands in `task_ready`: claimable by any process. */
  isReady: boolean;
}

/** A task instance of which nothing is decided yet, as a new row has it; of a task that is not mapped unless it is said. */
export function newInstance(
  facts: Pick<InstanceState, "taskInstanceId" | "taskId"> & Partial<InstanceState>,
): InstanceState {
  return {
    mapIndex: -1,
    state: "none",
    reason: null,
    tryNumber: 0,
    maxTries: 0,
    clearedAtTry: 0,
    clearNumber: 0,
    handOff: 0,
    infraRetries: 0,
    listLength: null,
    runsAlone: false,
    choices: null,
    lease: null,
    processId: null,
    readyAt: null,
    startedAt: null,
    endedAt: null,
    wakeAt: null,
    firstPokeAt: null,
    wakeKey: null,
    wokenBy: null,
    isReady: false,
    ...facts,
  };
}

/** What a row held before the rules changed it: the compare of the compare-and-set. */
export interface InstanceBefore {
  readonly state: TaskInstanceState;
  readonly lease: string | null;
  readonly isReady: boolean;
}

/** Instances of a mapped task that are wanted: those from one map index up to the length of its list. */
export interface Expansion {
  readonly taskId: string;
  readonly from: number;
  readonly length: number;
}

type Counts = Map<TaskInstanceState, number>;

/** The task instances of one run, with counts by task that follow each change. */
export class RunState {
  readonly dagRunId: string;
  readonly graph: DagGraph;
  /** Instances of mapped tasks that the rules created: task id and map indexes. */
  readonly expansions: Expansion[] = [];
  /** What the run looks back on; read when a task asks for it, and forgotten with the hop. */
  past: Past | undefined;
  /** Tasks that could run but for a past that was not read yet. */
  readonly pastWanted = new Set<string>();
  /** Tasks that could run but for their past. */
  readonly pastHolds = new Map<string, PastHold>();
  readonly #instances = new Map<string, InstanceState[]>();
  readonly #byId = new Map<string, InstanceState>();
  readonly #counts = new Map<string, Counts>();
  /** The same, summed over what each task follows: a fan-in of thousands is not counted anew in each hop. */
  readonly #upstream = new Map<string, Counts>();
  readonly #watched = new Map<TaskInstanceState, Set<InstanceState>>([
    ["scheduled", new Set()],
    ["running", new Set()],
    ["up_for_retry", new Set()],
    ["up_for_reschedule", new Set()],
    ["deferred", new Set()],
  ]);
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

  /** Takes in an instance, in place of what was known under its id. */
  add(instance: InstanceState): void {
    const known = this.#byId.get(instance.taskInstanceId);
    if (known) this.#drop(known);
    const siblings = this.#instances.get(instance.taskId);
    if (siblings) siblings.push(instance);
    else this.#instances.set(instance.taskId, [instance]);
    this.#byId.set(instance.taskInstanceId, instance);
    this.#count(instance, 1);
  }

  #drop(instance: InstanceState): void {
    const siblings = this.#instances.get(instance.taskId) ?? [];
    siblings.splice(siblings.indexOf(instance), 1);
    this.#before.delete(instance);
    this.#count(instance, -1);
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
    this.#count(instance, -1);
    instance.state = state;
    instance.reason = reason;
    this.#count(instance, 1);
  }

  /** What changed since the last call to `settle`, with what stood there before. */
  changes(): ReadonlyMap<InstanceState, InstanceBefore> {
    return this.#before;
  }

  /** Forgets the changes: they are written. */
  settle(): void {
    this.#before.clear();
    this.expansions.length = 0;
    this.past = undefined;
  }

  /** Asks for the instances of a mapped task that its list has and the run has not. */
  expand(taskId: string, length: number): void {
    const live = this.instancesOf(taskId).filter((instance) => instance.state !== "removed");
    const from = live.reduce((next, { mapIndex }) => Math.max(next, mapIndex + 1), 0);
    if (from < length) this.expansions.push({ taskId, from, length });
  }

  /** Counts of the states of all instances of those tasks that are setups. */
  setupCounts(taskIds: readonly string[]): UpstreamCounts {
    const setups = taskIds.filter((taskId) => this.graph.tasks.get(taskId)?.role === "setup");
    const of = (...states: readonly TaskInstanceState[]) =>
      setups.reduce(
        (sum, id) => sum + states.reduce((n, state) => n + this.count(id, state), 0),
        0,
      );
    return {
      total: setups.length,
      success: of("success"),
      skipped: of("skipped"),
      failed: of("failed", "cancelled"),
      upstreamFailed: of("upstream_failed"),
      removed: of("removed"),
    };
  }

  /** Counts of the states of all instances that an instance follows. */
  upstreamCounts(taskId: string, mapIndex = -1): UpstreamCounts {
    const of = (state: TaskInstanceState) => this.#upstream.get(taskId)?.get(state) ?? 0;
    const forgotten = mapIndex < 0 && of("removed") > 0 ? this.#forgotten(taskId) : 0;
    let total = -forgotten;
    for (const count of this.#upstream.get(taskId)?.values() ?? []) total += count;
    return {
      total,
      success: of("success"),
      skipped: of("skipped"),
      failed: of("failed") + of("cancelled"),
      upstreamFailed: of("upstream_failed"),
      removed: of("removed") - forgotten,
    };
  }

  /** What a list that became shorter has left behind is nothing to wait for, but for the instance it was paired with. */
  #forgotten(taskId: string): number {
    const { upstream = [] } = this.graph.tasks.get(taskId) ?? {};
    const mapped = upstream.filter((id) => this.graph.tasks.get(id)?.kind === "each");
    return mapped.reduce((sum, id) => sum + this.count(id, "removed"), 0);
  }

  /** Instances in a state that somebody looks for in every hop. */
  inState(
    state: "scheduled" | "running" | "up_for_retry" | "up_for_reschedule" | "deferred",
  ): Iterable<InstanceState> {
    return this.#watched.get(state) ?? [];
  }

  #count(instance: InstanceState, by: 1 | -1): void {
    const { taskId, state } = instance;
    addTo(this.#counts, taskId, state, by);
    for (const next of this.graph.downstream.get(taskId) ?? []) {
      addTo(this.#upstream, next, state, by);
    }
    if (by > 0) this.#watched.get(state)?.add(instance);
    else this.#watched.get(state)?.delete(instance);
    if (!finishedStates.has(state)) this.#unfinished += by;
  }
}

function addTo(counts: Map<string, Counts>, key: string, state: TaskInstanceState, by: number) {
  const own: Counts = counts.get(key) ?? new Map();
  counts.set(key, own.set(state, (own.get(state) ?? 0) + by));
}
