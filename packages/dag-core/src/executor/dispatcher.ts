import type { EventBus } from "../kernel/events.ts";
import { toError } from "../kernel/errors.ts";
import { type Advanced, advanceRuns } from "../scheduler/advance-runs.ts";
import { emitHop } from "../scheduler/hop-events.ts";
import type { FinishReport } from "../scheduler/hop.ts";
import type { RunCache } from "../scheduler/run-cache.ts";
import { instanceOf } from "../scheduler/run-entry.ts";
import type { Database } from "../store/database.ts";
import { dagRunFacts } from "../store/dag-run.ts";
import type { LeasedRow } from "../store/rows.ts";
import { isTransient } from "../store/transient-errors.ts";
import { claimReady, type Claimed } from "./claim.ts";
import type { Executor } from "./executor.ts";
import type { AttemptInput, HandOffId, Outcome, StartedHandOff } from "./hand-off.ts";
import { handOffs, type Startable } from "./hand-over.ts";

export interface DispatcherOptions {
  readonly database: Database;
  readonly cache: RunCache;
  readonly bus: EventBus;
  readonly executor: Executor;
  readonly maxInfraRetries: number;
  /** Most attempts at once in this process. Defaults to what the executor takes. */
  readonly parallelism?: number | undefined;
  readonly graceMs: number;
  /** Called after a commit that left work which others may do: ready tasks, ended runs. */
  readonly onAdvanced: (advanced: Advanced) => void;
}

interface Carried {
  readonly dagRunId: string;
  readonly taskInstanceId: string;
  readonly lease: string;
  readonly input: AttemptInput;
  startedAt?: Date;
}

const maxBatch = 500;
const retryDelayMs = 500;

/**
 * Joins the executor to the store: claims what is ready, hands it over, and commits what finished, batch by batch.
 * While one batch is on its way the next one gathers.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #carried = new Map<HandOffId, Carried>();
  #finished: FinishReport[] = [];
  #committing: Promise<void> | undefined;
  #claiming: Promise<void> | undefined;
  #claimAgain = false;
  #reserved = 0;
  #hasBacklog = false;
  #isDraining = false;
  #processId = "";
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  set processId(processId: string) {
    this.#processId = processId;
  }

  /** Slots that are free now. */
  get slots(): number {
    const { executor, parallelism = Infinity } = this.#options;
    if (this.#isDraining) return 0;
    const open = Math.min(executor.freeSlots(), parallelism - this.#carried.size);
    return Math.max(0, open - this.#reserved);
  }

  carried(): readonly { readonly id: HandOffId; readonly carried: Carried }[] {
    return [...this.#carried].map(([id, carried]) => ({ id, carried }));
  }

  find(id: HandOffId): Carried | undefined {
    return this.#carried.get(id);
  }

  /** The executor's report: an attempt's code began to run. */
  started(id: HandOffId, at: Date): void {
    const carried = this.#carried.get(id);
    if (carried) carried.startedAt = at;
  }

  /** The executor's report: an attempt ended. */
  finished(id: HandOffId, outcome: Outcome, endedAt: Date): void {
    const carried = this.#carried.get(id);
    if (!carried) return;
    this.#carried.delete(id);
    const { dagRunId, taskInstanceId, lease, startedAt } = carried;
    this.#finished.push({ dagRunId, taskInstanceId, lease, startedAt, outcome, endedAt });
    this.#commit();
    if (this.#carried.size === 0) this.#idle?.resolve();
  }

  /** A task instance that runs in the name of this process and that it does not carry: its hand-over was lost. */
  giveBack(row: LeasedRow): void {
    if (this.#carries(row)) return;
    this.#finished.push({
      dagRunId: row.dag_run_id,
      taskInstanceId: row.task_instance_id,
      lease: row.lease_token,
      endedAt: new Date(),
      outcome: {
        kind: "lost",
        reason: "stopped",
        wasAlone: false,
        message: "The attempt was started and never reached a runner",
      },
    });
    this.#commit();
  }

  /** Resolves when nothing runs any more, or after `ms`. */
  async idle(ms: number): Promise<void> {
    await this.settled();
    if (this.#carried.size === 0) return;
    const idle = Promise.withResolvers<void>();
    this.#idle = idle;
    const timer = setTimeout(() => idle.resolve(), ms);
    await idle.promise;
    clearTimeout(timer);
    await this.settled();
  }

  /** Looks for ready tasks, now or right after the look that is under way. */
  wake(): void {
    if (this.#claiming) {
      this.#claimAgain = true;
      return;
    }
    if (this.slots === 0) return;
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = undefined;
      if (this.#claimAgain) this.wake();
    });
  }

  /** Attempts that the given transaction started. */
  async handOver(advanced: Advanced): Promise<void> {
    const started = advanced.hop.started.map(({ entry, instance, lease }) => ({
      facts: entry.facts,
      graph: entry.state.graph,
      instance: { ...instance },
      lease,
    }));
    await this.#submit(started);
    await this.stopRevoked(advanced);
  }

  /** Ends the attempts that a hop took the lease from. */
  async stopRevoked({ hop }: Advanced): Promise<void> {
    const leases = new Set(hop.revoked.map((revoked) => revoked.lease));
    const ids = [...this.#carried].filter(([, c]) => leases.has(c.lease)).map(([id]) => id);
    await this.abort(ids);
  }

  async abort(ids: readonly HandOffId[]): Promise<void> {
    if (ids.length > 0) await this.#options.executor.stop(ids, this.#options.graceMs);
  }

  /** Claims nothing more. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Resolves when everything that finished is stored. */
  async settled(): Promise<void> {
    while (this.#committing ?? this.#claiming) await (this.#committing ?? this.#claiming);
  }

  #carries({ lease_token: lease }: LeasedRow): boolean {
    const known = [...this.#carried.values(), ...this.#finished];
    return known.some((one) => one.lease === lease);
  }

  #commit(): void {
    if (this.#committing || this.#finished.length === 0) return;
    this.#committing = this.#commitAll().finally(() => {
      this.#committing = undefined;
      this.#commit();
      this.wake();
    });
  }

  async #commitAll(): Promise<void> {
    while (this.#finished.length > 0) {
      const batch = this.#finished.slice(0, maxBatch);
      await this.#store(batch);
      this.#finished = this.#finished.slice(batch.length);
    }
  }

  /** Stores a batch; one that the database refuses is halved until what it cannot store stands alone. */
  async #store(batch: readonly FinishReport[]): Promise<void> {
    try {
      await this.#advance(batch);
    } catch (error) {
      if (isTransient(error)) return this.#storeLater(batch, error);
      if (batch.length > 1) {
        const middle = Math.ceil(batch.length / 2);
        await this.#store(batch.slice(0, middle));
        return this.#store(batch.slice(middle));
      }
      const [only] = batch;
      if (only) await this.#storeRefused(only, toError(error));
    }
  }

  async #storeLater(batch: readonly FinishReport[], error: unknown): Promise<void> {
    this.#options.bus.emit("database.lost", { error: toError(error).message });
    await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
    return this.#store(batch);
  }

  async #storeRefused(report: FinishReport, error: Error): Promise<void> {
    const outcome: Outcome = {
      kind: "failed",
      reason: "serialization",
      error: { class: error.name, message: error.message },
      retry: "never",
    };
    if (report.outcome.kind === "failed") {
      this.#options.bus.emit("scheduler.tick_failed", { error: error.message });
      return;
    }
    await this.#store([{ ...report, outcome }]);
  }

  async #advance(batch: readonly FinishReport[]): Promise<void> {
    const { database, cache, maxInfraRetries } = this.#options;
    const slots = this.#hasBacklog ? 0 : this.slots;
    this.#reserved += slots;
    try {
      const advanced = await advanceRuns(database, {
        cache,
        finished: batch,
        slots,
        processId: this.#processId,
        maxInfraRetries,
      });
      emitHop(this.#options.bus, advanced);
      await this.handOver(advanced);
      this.#options.onAdvanced(advanced);
    } finally {
      this.#reserved -= slots;
    }
  }

  async #claim(): Promise<void> {
    this.#claimAgain = false;
    const slots = this.slots;
    this.#reserved += slots;
    try {
      const { database, cache } = this.#options;
      const claimed = await claimReady(database, { cache, slots, processId: this.#processId });
      this.#hasBacklog = claimed.hasBacklog;
      await this.#submitClaimed(claimed);
    } catch (error) {
      this.#options.bus.emit("scheduler.tick_failed", { error: toError(error).message });
    } finally {
      this.#reserved -= slots;
    }
  }

  async #submitClaimed({ rows }: Claimed): Promise<void> {
    if (rows.length === 0) return;
    const { database, cache } = this.#options;
    const ids = [...new Set(rows.map((row) => row.dag_run_id))];
    const unknown = ids.filter((id) => !cache.peek(id));
    const read = unknown.length > 0 ? await dagRunFacts(database, unknown) : [];
    const known = ids.flatMap((id) => cache.peek(id)?.facts ?? []);
    const facts = new Map([...read, ...known].map((fact) => [fact.dag_run_id, fact]));
    const graphs = await cache.graphs(
      database,
      [...facts.values()].map((fact) => fact.dag_version_id),
    );
    const startables = rows.flatMap((row): Startable[] => {
      const fact = facts.get(row.dag_run_id);
      const graph = fact && graphs.get(fact.dag_version_id);
      if (!fact || !graph || row.lease_token === null) return [];
      return [{ facts: fact, graph, instance: instanceOf(row), lease: row.lease_token }];
    });
    await this.#submit(startables);
  }

  async #submit(startables: readonly Startable[]): Promise<void> {
    if (startables.length === 0) return;
    const batch = await handOffs(this.#options.database, startables);
    const runs = new Map(startables.map((s) => [s.lease, s.facts]));
    for (const handOff of batch) this.#carry(handOff, runs.get(handOff.lease)?.dag_run_id ?? "");
    this.#options.executor.submit(batch);
    for (const { input } of batch) {
      const { dagId, runId, taskId, mapIndex, tryNumber } = input;
      this.#options.bus.emit("task_instance.started", { dagId, runId, taskId, mapIndex, tryNumber });
    }
  }

  #carry(handOff: StartedHandOff, dagRunId: string): void {
    this.#carried.set(handOff.id, {
      dagRunId,
      taskInstanceId: handOff.input.taskInstanceId,
      lease: handOff.lease,
      input: handOff.input,
    });
  }
}
