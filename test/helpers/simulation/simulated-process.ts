import { carryOutRequests } from "../../../packages/dag-core/src/client/requests.ts";
import { claimReady } from "../../../packages/dag-core/src/executor/claim.ts";
import {
  claimedStartables,
  hopStartables,
  type Startable,
} from "../../../packages/dag-core/src/executor/hand-over.ts";
import { EventBus } from "../../../packages/dag-core/src/kernel/events.ts";
import {
  type Advanced,
  advanceRuns,
} from "../../../packages/dag-core/src/scheduler/advance-runs.ts";
import type { FinishReport } from "../../../packages/dag-core/src/scheduler/hop.ts";
import { QueueHeads } from "../../../packages/dag-core/src/scheduler/queue-heads.ts";
import { RunCache } from "../../../packages/dag-core/src/scheduler/run-cache.ts";
import { tick } from "../../../packages/dag-core/src/scheduler/tick.ts";
import { dagMakeDue } from "../../../packages/dag-core/src/store/dag.ts";
import { dagRunOfProcess } from "../../../packages/dag-core/src/store/dag-run.ts";
import type { Store } from "../../../packages/dag-core/src/store/database.ts";
import { processBeat, processRegister } from "../../../packages/dag-core/src/store/process.ts";
import type { ClaimedRow } from "../../../packages/dag-core/src/store/task-ready.ts";
import { isTransient } from "../../../packages/dag-core/src/store/transient-errors.ts";
import { type Fault, FaultStore } from "./fault-store.ts";
import { Thread } from "./thread.ts";

export interface SimulatedProcessOptions {
  /** The store with nothing in between. */
  readonly store: Store;
  /** The clock of the database. */
  readonly now: () => Date;
  readonly isScheduler: boolean;
  readonly capacity: number;
  readonly leaseMs: number;
  readonly maxInfraRetries: number;
  /** Whether a statement waits for its turn. */
  readonly mayWait: () => boolean;
  readonly fault: (atCommit: boolean) => Fault | undefined;
  readonly onCommit: () => void;
  /** Lets an attempt run; it comes back by `add` when it has ended. */
  readonly onStarted: (by: SimulatedProcess, started: Startable) => void;
}

export const activities = ["tick", "claim", "complete", "reconcile"] as const;
export type Activity = (typeof activities)[number];

/**
 * The parts of an engine process that decide and write, each in a thread of its own as in the engine: ticks, claims,
 * completions, reconciling. They share the memory of runs and the slots.
 */
export class SimulatedProcess {
  readonly threads = Object.fromEntries(activities.map((name) => [name, new Thread()])) as Record<
    Activity,
    Thread
  >;
  readonly carried = new Map<string, Startable>();
  /** Something that must not happen, in the words of the engine. */
  readonly failures: string[] = [];
  isPaused = false;
  readonly #options: SimulatedProcessOptions;
  readonly #cache = new RunCache(undefined, new QueueHeads(() => 0));
  readonly #bus = new EventBus();
  #completed: FinishReport[] = [];
  #reserved = 0;
  #processId: string | undefined;

  constructor(options: SimulatedProcessOptions) {
    this.#options = options;
    this.#bus.on("scheduler.tick_failed", ({ error = "" }) => void this.failures.push(error));
  }

  get isScheduler(): boolean {
    return this.#options.isScheduler;
  }

  get processId(): string | undefined {
    return this.#processId;
  }

  get hasCompleted(): boolean {
    return this.#completed.length > 0;
  }

  /** Gives a sign of life; one that finds itself lost drops what it carries and registers anew. */
  async beat(): Promise<void> {
    const { store, capacity } = this.#options;
    if (this.#processId !== undefined && (await processBeat(store, this.#processId))) return;
    this.carried.clear();
    const facts = { host: "simulation", pid: 0, version: "0", capacity };
    this.#processId = await processRegister(store, { kind: "scheduler", ...facts });
  }

  /** An attempt has ended and is to be written down. */
  add(report: FinishReport): void {
    this.carried.delete(report.lease);
    this.#completed.push(report);
  }

  async begin(activity: Activity): Promise<void> {
    const thread = this.threads[activity];
    await thread.start(async () => {
      try {
        await this.#run(activity, this.#storeOf(thread));
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
    });
  }

  #storeOf(thread: Thread): Store {
    const { store, mayWait, fault, onCommit } = this.#options;
    return new FaultStore({
      store,
      fault,
      onCommit,
      turn: () => (mayWait() ? thread.turn() : Promise.resolve()),
    });
  }

  #run(activity: Activity, store: Store): Promise<void> {
    switch (activity) {
      case "tick":
        return this.#tick(store);
      case "claim":
        return this.#claim(store);
      case "complete":
        return this.#complete(store);
      case "reconcile":
        return this.#reconcile(store);
    }
  }

  async #tick(store: Store): Promise<void> {
    const { leaseMs } = this.#options;
    await tick({
      ...this.#shared,
      database: store,
      bus: this.#bus,
      now: this.#options.now(),
      leaseMs,
      createsRuns: true,
      looksForLost: true,
      lend: (fn) =>
        this.#lend((slots) => fn({ slots, backfillSlots: slots, processId: this.#processId })),
      carryOutRequests: () => carryOutRequests(store, this.#bus),
      onAdvanced: (advanced) => this.#advanced(store, advanced),
    });
  }

  async #claim(store: Store): Promise<void> {
    const processId = this.#processId;
    if (processId === undefined) return;
    await this.#lend(async (slots) => {
      if (slots === 0) return;
      const onClaimed = async (rows: readonly ClaimedRow[]) =>
        this.#carry(await claimedStartables(store, this.#cache, rows));
      await claimReady(store, { cache: this.#cache, processId, slots, onClaimed });
    });
  }

  /** What was not stored stays in the queue; what was stored though the answer got lost is fenced when it comes again. */
  async #complete(store: Store): Promise<void> {
    const finished = this.#completed.slice();
    if (finished.length === 0) return;
    await this.#lend(async (slots) => {
      const processId = this.#processId;
      const options = { ...this.#shared, finished, slots: () => slots, processId };
      await this.#advanced(store, await advanceRuns(store, options));
    });
    this.#completed = this.#completed.filter((report) => !finished.includes(report));
  }

  /** Gives back what runs in the name of this process and is not carried; drops what it carries without a lease. */
  async #reconcile(store: Store): Promise<void> {
    const processId = this.#processId;
    if (processId === undefined) return;
    const before = new Set(this.carried.keys());
    const rows = await dagRunOfProcess(store, processId);
    const valid = new Set(rows.map((row) => row.lease_token));
    for (const lease of before) if (!valid.has(lease)) this.carried.delete(lease);
    const endedAt = this.#options.now();
    for (const { dag_run_id, task_instance_id, lease_token, is_old } of rows) {
      const isQueued = this.#completed.some((report) => report.lease === lease_token);
      if (!is_old || this.carried.has(lease_token) || isQueued) continue;
      const outcome = { kind: "lost", reason: "stopped", wasAlone: true, message: "" } as const;
      this.#completed.push({
        dagRunId: dag_run_id,
        taskInstanceId: task_instance_id,
        lease: lease_token,
        endedAt,
        outcome,
      });
    }
  }

  get #shared() {
    return { cache: this.#cache, maxInfraRetries: this.#options.maxInfraRetries };
  }

  async #lend<T>(fn: (slots: number) => Promise<T>): Promise<T> {
    const slots = Math.max(0, this.#options.capacity - this.carried.size - this.#reserved);
    this.#reserved += slots;
    try {
      return await fn(slots);
    } finally {
      this.#reserved -= slots;
    }
  }

  async #advanced(store: Store, { hop }: Advanced): Promise<void> {
    for (const { lease } of hop.revoked) this.carried.delete(lease);
    this.#carry(hopStartables(hop));
    const ended = hop.endedRuns.map(({ entry }) => entry.facts.dag_id);
    if (ended.length === 0) return;
    // As in the engine: whoever misses this looks again after half a minute.
    await dagMakeDue(store, [...new Set(ended)]).catch((error: unknown) => {
      if (!isTransient(error)) throw error;
    });
  }

  #carry(started: readonly Startable[]): void {
    for (const one of started) {
      this.carried.set(one.lease, one);
      this.#options.onStarted(this, one);
    }
  }
}
