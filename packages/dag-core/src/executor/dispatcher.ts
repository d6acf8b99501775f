import pLimit from "p-limit";
import { settledWithin } from "../context/settled-within.ts";
import type { Outcome } from "../definition/outcome.ts";
import { toError } from "../kernel/errors.ts";
import { shareOf } from "../rules/share.ts";
import { type Advanced, advanceRuns } from "../scheduler/advance-runs.ts";
import { emitHop } from "../scheduler/hop-events.ts";
import type { Lent } from "../scheduler/lend.ts";
import { givesBack } from "../scheduler/pass-on-slots.ts";
import type { FinishReport } from "../scheduler/hop.ts";
import { taskInstanceRefuse } from "../store/refused-try.ts";
import type { LeasedRow } from "../store/rows.ts";
import type { ClaimedRow } from "../store/task-ready.ts";
import { isTransient } from "../store/transient-errors.ts";
import { Backlog } from "./backlog.ts";
import { claimReady } from "./claim.ts";
import { Completions } from "./completions.ts";
import type { Carried, DispatcherOptions } from "./dispatcher-options.ts";
import type { HandOffId } from "./hand-off.ts";
import { claimedStartables, hopStartables } from "./hand-over.ts";
import { judgeMissing } from "./missing-code.ts";
import { LeaseEndedError, lostReport, type TakenOver, TakeOver } from "./take-over.ts";

/** After which time to look again at what another transaction was at. */
const blockedRetryMs = 20;
const failedRetryMs = 500;

/** Joins the executor to the store: claims what is ready, hands it over, and commits what finished. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #carried = new Map<HandOffId, Carried>();
  readonly #completions: Completions;
  readonly #takeOver: TakeOver;
  readonly #backlog: Backlog;
  /** Batches and claims in turns: one beside the other would make its copy of the run old, to be read anew. */
  readonly #inTurn = pLimit(1);
  #claiming: Promise<void> | undefined;
  #isWanted = false;
  #retry: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #reserved = 0;
  #isDraining = false;
  #processId: string | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#backlog = new Backlog(options.left);
    this.#completions = new Completions({
      bus: options.bus,
      mayCome: () => this.#carried.size > 0,
      commit: (batch) => this.#inTurn(() => this.#advance(batch)),
      fail: (report, error) => taskInstanceRefuse(options.database, report, error),
      onSettled: () => {
        if (this.#backlog.isClaimable) this.wake();
      },
    });
    this.#takeOver = new TakeOver({
      database: options.database,
      bus: options.bus,
      submit: (batch) => this.#submit(batch),
      giveUp: (row, error) => this.#giveUp(row, error),
      isOwn: (processId) => processId === this.#processId,
    });
  }

  /** From now on starts attempts in the name of a process; undefined: starts none, the lease is gone. */
  set processId(processId: string | undefined) {
    this.#processId = processId;
    this.wake();
  }

  /** Slots that are free now. */
  get slots(): number {
    const { executor, parallelism = Infinity } = this.#options;
    if (this.#isDraining || this.#processId === undefined) return 0;
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
    const masked = this.#options.mask(outcome, carried.input.taskId);
    this.#completions.add({ dagRunId, taskInstanceId, lease, startedAt, outcome: masked, endedAt });
    if (this.#carried.size === 0) this.#idle?.resolve();
  }

  /** A task instance that runs in the name of this process and that it does not carry: its hand-over was lost. */
  giveBack(row: LeasedRow): void {
    const { lease_token: lease } = row;
    const isCarried = [...this.#carried.values()].some((one) => one.lease === lease);
    if (isCarried || this.#takeOver.holds(lease) || this.#completions.holds(lease)) return;
    this.#lose(row, "stopped", "The attempt was started and never reached a runner");
  }

  /** Looks for ready tasks, now or as soon as that is possible; `isOther` unless all that is new are backfills'. */
  wake(isOther = true): void {
    this.#isWanted = true;
    this.#backlog.grew(isOther);
    if (this.#claiming || this.slots === 0) return;
    this.#isWanted = false;
    clearTimeout(this.#retry);
    this.#claiming = this.#inTurn(() => this.#claim()).finally(() => {
      this.#claiming = undefined;
      if (this.#isWanted) this.wake(false);
    });
  }

  /** Takes over the attempts that a hop started, and ends those that it took the lease from. Never throws. */
  async handOver({ hop }: Advanced): Promise<void> {
    const startables = hopStartables(hop);
    const rows = startables.map(({ facts, instance, lease }) => ({
      dag_run_id: facts.dag_run_id,
      task_instance_id: instance.taskInstanceId,
      lease_token: lease,
      process_id: instance.processId,
      is_backfill: facts.backfill_id !== null,
    }));
    const leases = new Set(hop.revoked.map((revoked) => revoked.lease));
    const revoked = [...(leases.size > 0 ? this.#carried : [])];
    void this.abort(revoked.filter(([, one]) => leases.has(one.lease)).map(([id]) => id));
    await this.#takeOver.run(rows, () => Promise.resolve(startables));
  }

  /** Tells attempts to end; they report their end like any other. Resolves when all have, perhaps after their grace. */
  async abort(ids: readonly HandOffId[]): Promise<void> {
    if (ids.length === 0) return;
    const { executor, graceMs } = this.#options;
    await executor.stop(ids, graceMs).catch((error: unknown) => this.#failed(error));
  }

  /** Looks for ready tasks by itself too: a wake-up may have been lost. */
  start(pollMs: number): void {
    this.#poll = setInterval(() => this.wake(), pollMs);
    this.wake();
  }

  /** Claims nothing more. */
  drain(): void {
    this.#isDraining = true;
    clearTimeout(this.#retry);
    clearInterval(this.#poll);
  }

  /** Resolves when nothing runs any more and all is stored, or after `ms`. */
  async idle(ms: number): Promise<void> {
    await settledWithin(this.#quiet(), ms);
  }

  async #quiet(): Promise<void> {
    await this.settled();
    if (this.#carried.size === 0) return;
    await (this.#idle ??= Promise.withResolvers<void>()).promise;
    await this.settled();
  }

  /** Resolves when everything that finished is stored. */
  async settled(): Promise<void> {
    await this.#claiming;
    await this.#completions.settled();
  }

  async #advance(reports: readonly FinishReport[]): Promise<void> {
    const { database, cache, clock, maxInfraRetries, left } = this.#options;
    const finished = await judgeMissing(database, left.unloaded, reports);
    const [processId, backlog] = [this.#processId, this.#backlog];
    const wanted = backlog.mayStart(finished, cache) ? this.slots : 0;
    await this.#withSlots(wanted, async (slots) => {
      const backfillSlots = backlog.backfillSlots(slots);
      const lent = { slots: () => slots, backfillSlots: () => backfillSlots, processId };
      const options = { cache, clock, finished, ...lent, left, maxInfraRetries };
      await this.#advanced(await advanceRuns(database, options));
    });
  }

  /** After a commit nothing may throw: whoever asked for it would ask again. */
  async #advanced(advanced: Advanced): Promise<void> {
    try {
      emitHop(this.#options.bus, advanced);
      if (advanced.hop.offers > 0 || givesBack(advanced.hop)) this.#backlog.grew(false);
      await this.handOver(advanced);
      this.#options.onAdvanced(advanced);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #claim(): Promise<void> {
    const { database, cache, backfillShare: sharePercent } = this.#options;
    try {
      await this.#withSlots(this.slots, async (slots) => {
        const processId = this.#processId;
        if (processId === undefined) return;
        const known = this.#backlog.claimBegins();
        const onClaimed = (rows: readonly ClaimedRow[]) => this.#claimed(rows);
        const share = { backfillSlots: this.#openShare(slots), sharePercent };
        const options = { cache, slots, ...known, ...share, processId, onClaimed };
        const claimed = await claimReady(database, options);
        this.#backlog.claimed(claimed);
        if (claimed.isBlocked || known.left.ids.length > 0) this.#wakeIn(blockedRetryMs);
      });
    } catch (error) {
      this.#failed(error);
      this.#wakeIn(failedRetryMs);
    }
  }

  async #claimed(rows: readonly ClaimedRow[]): Promise<void> {
    const leased = rows.flatMap(({ lease_token, ...row }) =>
      lease_token === null ? [] : [{ ...row, lease_token }],
    );
    const { database, cache } = this.#options;
    await this.#takeOver.run(leased, () => claimedStartables(database, cache, rows));
  }

  #wakeIn(delayMs: number): void {
    clearTimeout(this.#retry);
    if (!this.#isDraining) this.#retry = setTimeout(() => this.wake(), delayMs).unref();
  }

  /** Lends the free slots to a transaction that starts attempts and hands them over. */
  lend<T>(fn: (lent: Lent) => Promise<T>): Promise<T> {
    const [processId, backlog] = [this.#processId, this.#backlog];
    const mayLeaveQueued = processId !== undefined && !backlog.mayBeReady;
    const lent = { processId, mayLeaveQueued, left: backlog.left };
    return this.#withSlots(this.slots, (slots) =>
      fn({ ...lent, slots, backfillSlots: backlog.backfillSlots(slots) }),
    );
  }

  /** What backfills may still take of their share, of slots that are reserved for a claim. */
  #openShare(slots: number): number {
    const held = [...this.#carried.values()].filter((one) => one.isBackfill).length;
    return shareOf(this.#carried.size + slots, this.#options.backfillShare) - held;
  }

  /** Keeps slots for a transaction that is under way, so that another one does not count on them. */
  async #withSlots<T>(slots: number, fn: (slots: number) => Promise<T>): Promise<T> {
    this.#reserved += slots;
    try {
      return await fn(slots);
    } finally {
      this.#reserved -= slots;
      if (this.slots > 0) this.#options.onSlotsFree?.();
      if (this.#isWanted) this.wake(false);
    }
  }

  #submit(batch: readonly TakenOver[]): void {
    for (const { handOff, row } of batch) {
      const { dag_run_id: dagRunId, task_instance_id: taskInstanceId, lease_token: lease } = row;
      const attempt = { dagRunId, taskInstanceId, lease, isBackfill: row.is_backfill };
      this.#carried.set(handOff.id, { ...attempt, input: handOff.input });
    }
    this.#options.executor.submit(batch.map(({ handOff }) => handOff));
    for (const { handOff } of batch) {
      const { dagId, runId, taskId, mapIndex, tryNumber } = handOff.input;
      const { bus } = this.#options;
      bus.emit("task_instance.started", { dagId, runId, taskId, mapIndex, tryNumber });
    }
  }

  /** Where not the database was away but the hand-over cannot be made, it must not be tried for ever. */
  #giveUp(row: LeasedRow, error: Error): void {
    const isLeaseEnd = error instanceof LeaseEndedError;
    if (!isLeaseEnd) this.#failed(error);
    const message = `The attempt could not be handed to a runner: ${error.message}`;
    this.#lose(row, isLeaseEnd || isTransient(error) ? "stopped" : "exit", message);
  }

  #lose(row: LeasedRow, reason: "stopped" | "exit", message: string): void {
    this.#completions.add(lostReport(row, reason, message));
  }

  #failed(error: unknown): void {
    const name = isTransient(error) ? "database.lost" : "scheduler.tick_failed";
    this.#options.bus.emit(name, { error: toError(error).message });
  }
}
