import type { Outcome } from "../definition/outcome.ts";
import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import { type Advanced, advanceRuns } from "../scheduler/advance-runs.ts";
import { emitHop } from "../scheduler/hop-events.ts";
import type { FinishReport } from "../scheduler/hop.ts";
import type { RunCache } from "../scheduler/run-cache.ts";
import type { Database } from "../store/database.ts";
import type { LeasedRow } from "../store/rows.ts";
import { claimReady } from "./claim.ts";
import { Completions } from "./completions.ts";
import type { Executor } from "./executor.ts";
import type { AttemptInput, HandOffId } from "./hand-off.ts";
import { claimedStartables, handOffs, hopStartables, type Startable } from "./hand-over.ts";

export interface DispatcherOptions {
  readonly database: Database;
  readonly cache: RunCache;
  readonly bus: EventBus;
  readonly executor: Executor;
  readonly maxInfraRetries: number;
  /** Most attempts at once in this process. Defaults to what the executor takes. */
  readonly parallelism?: number | undefined;
  /** Time that an attempt has between an abort and its end, in milliseconds. */
  readonly graceMs: number;
  /** Masks secrets in what attempts say of their errors. */
  readonly redact: (text: string) => string;
  /** Called after a commit that left work which others may do: ready tasks, ended runs. */
  readonly onAdvanced: (advanced: Advanced) => void;
}

/** An attempt that is with the executor. */
export interface Carried {
  readonly dagRunId: string;
  readonly taskInstanceId: string;
  readonly lease: string;
  readonly input: AttemptInput;
  startedAt?: Date;
}

/** Joins the executor to the store: claims what is ready, hands it over, and commits what finished. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #carried = new Map<HandOffId, Carried>();
  readonly #completions: Completions;
  #claiming: Promise<void> | undefined;
  #claimAgain = false;
  #reserved = 0;
  #hasBacklog = false;
  #isDraining = false;
  #processId = "";
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#completions = new Completions({
      bus: options.bus,
      commit: (batch) => this.#advance(batch),
      onSettled: () => this.wake(),
    });
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
    const masked = maskedOutcome(outcome, this.#options.redact);
    this.#completions.add({ dagRunId, taskInstanceId, lease, startedAt, outcome: masked, endedAt });
    if (this.#carried.size === 0) this.#idle?.resolve();
  }

  /** A task instance that runs in the name of this process and that it does not carry: its hand-over was lost. */
  giveBack(row: LeasedRow): void {
    const isCarried = [...this.#carried.values()].some((one) => one.lease === row.lease_token);
    if (isCarried || this.#completions.holds(row.lease_token)) return;
    const message = "The attempt was started and never reached a runner";
    this.#completions.add({
      dagRunId: row.dag_run_id,
      taskInstanceId: row.task_instance_id,
      lease: row.lease_token,
      endedAt: new Date(),
      outcome: { kind: "lost", reason: "stopped", wasAlone: false, message },
    });
  }

  /** Looks for ready tasks, now or right after the look that is under way. */
  wake(): void {
    this.#claimAgain = this.#claiming !== undefined;
    if (this.#claiming || this.slots === 0) return;
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = undefined;
      if (this.#claimAgain) this.wake();
    });
  }

  /** Takes over the attempts that a hop started, and ends those that it took the lease from. */
  async handOver(advanced: Advanced): Promise<void> {
    await this.#submit(hopStartables(advanced.hop));
    const leases = new Set(advanced.hop.revoked.map((revoked) => revoked.lease));
    await this.abort(
      [...this.#carried].filter(([, one]) => leases.has(one.lease)).map(([id]) => id),
    );
  }

  async abort(ids: readonly HandOffId[]): Promise<void> {
    if (ids.length > 0) await this.#options.executor.stop(ids, this.#options.graceMs);
  }

  /** Claims nothing more. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Resolves when nothing runs any more and all is stored, or after `ms`. */
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

  /** Resolves when everything that finished is stored. */
  async settled(): Promise<void> {
    await this.#claiming;
    await this.#completions.settled();
  }

  async #advance(finished: readonly FinishReport[]): Promise<void> {
    const { database, cache, maxInfraRetries, bus, onAdvanced } = this.#options;
    const processId = this.#processId;
    // While others wait, what follows here waits its turn by priority.
    const wanted = this.#hasBacklog ? 0 : this.slots;
    await this.#withSlots(wanted, async (slots) => {
      const options = { cache, finished, slots: () => slots, processId, maxInfraRetries };
      const advanced = await advanceRuns(database, options);
      emitHop(bus, advanced);
      await this.handOver(advanced);
      onAdvanced(advanced);
    });
  }

  async #claim(): Promise<void> {
    const { database, cache, bus } = this.#options;
    try {
      await this.#withSlots(this.slots, async (slots) => {
        const claimed = await claimReady(database, { cache, slots, processId: this.#processId });
        this.#hasBacklog = claimed.hasBacklog;
        await this.#submit(await claimedStartables(database, cache, claimed.rows));
      });
    } catch (error) {
      bus.emit("scheduler.tick_failed", { error: toError(error).message });
    }
  }

  /** Lends the free slots to somebody who starts attempts and hands them over. */
  lend<T>(fn: (slots: number, processId: string) => Promise<T>): Promise<T> {
    return this.#withSlots(this.slots, (slots) => fn(slots, this.#processId));
  }

  /** Keeps slots for a transaction that is under way, so that another one does not count on them. */
  async #withSlots<T>(slots: number, fn: (slots: number) => Promise<T>): Promise<T> {
    this.#reserved += slots;
    try {
      return await fn(slots);
    } finally {
      this.#reserved -= slots;
    }
  }

  async #submit(startables: readonly Startable[]): Promise<void> {
    if (startables.length === 0) return;
    const batch = await handOffs(this.#options.database, startables);
    const runIds = new Map(startables.map((one) => [one.lease, one.facts.dag_run_id]));
    for (const { id, lease, input } of batch) {
      const dagRunId = runIds.get(lease) ?? "";
      this.#carried.set(id, { dagRunId, taskInstanceId: input.taskInstanceId, lease, input });
    }
    this.#options.executor.submit(batch);
    for (const { input } of batch) {
      const { dagId, runId, taskId, mapIndex, tryNumber } = input;
      const facts = { dagId, runId, taskId, mapIndex, tryNumber };
      this.#options.bus.emit("task_instance.started", facts);
    }
  }
}

function maskedOutcome(outcome: Outcome, redact: (text: string) => string): Outcome {
  if (outcome.kind === "failed") {
    const { class: name, message, stack } = outcome.error;
    const error = { class: name, message: redact(message), ...(stack && { stack: redact(stack) }) };
    return { ...outcome, error };
  }
  if (outcome.kind === "skipped" || outcome.kind === "lost") {
    return { ...outcome, message: redact(outcome.message) };
  }
  return outcome;
}
