import type { DagManifest } from "../../definition/manifest.ts";
import { manifestHash } from "../../definition/manifest-hash.ts";
import { carryOutRequests } from "../../client/requests.ts";
import { sendEvent } from "../../client/send-event.ts";
import { claimReady } from "../../executor/claim.ts";
import { claimedStartables, hopStartables, type Startable } from "../../executor/hand-over.ts";
import { EventBus } from "../../kernel/events.ts";
import { tidemillError } from "../../kernel/errors.ts";
import { type Advanced, advanceRuns } from "../../scheduler/advance-runs.ts";
import type { FinishReport } from "../../scheduler/hop.ts";
import { registerDags } from "../../scheduler/register-dags.ts";
import { QueueHeads } from "../../scheduler/queue-heads.ts";
import { RunCache } from "../../scheduler/run-cache.ts";
import { tick } from "../../scheduler/tick.ts";
import { dagMakeDue } from "../../store/dag.ts";
import { processRegister } from "../../store/process.ts";
import type { ClaimedRow } from "../../store/task-ready.ts";
import { MemoryStore } from "./memory-store.ts";
import { type AttemptPlan, type SimulatedEvent, simulateAttempt } from "./simulated-attempt.ts";
import type { Tables } from "./tables.ts";
import { TimeLine } from "./time-line.ts";

export interface SimulatedSchedulerOptions {
  readonly from: Date;
  readonly to: Date;
  readonly plan: AttemptPlan;
  readonly seed: number;
  readonly pools: Readonly<Record<string, number>>;
  readonly slots: number;
  readonly outages: readonly { readonly from: Date; readonly to: Date }[];
  readonly events: readonly (SimulatedEvent & { readonly at: Date })[];
}

const maxInfraRetries = 3;
/** Steps at one instant; more would mean that time does not go on. */
const maxStepsAtOnce = 10_000;

/** One scheduler with its slots, in virtual time: from each instant at which something is due to the next. */
export class SimulatedScheduler {
  readonly #options: SimulatedSchedulerOptions;
  readonly #store: MemoryStore;
  readonly #cache = new RunCache(undefined, new QueueHeads(() => 0));
  readonly #bus = new EventBus();
  readonly #ends = new TimeLine<FinishReport>();
  readonly #events = new TimeLine<SimulatedEvent>();
  readonly #failures: string[] = [];
  #now: Date;
  #running = 0;
  #processId = "";
  /** Whether something was told in a tick that only the next one hears. */
  #wasTold = false;

  constructor(options: SimulatedSchedulerOptions) {
    this.#options = options;
    this.#now = options.from;
    this.#store = new MemoryStore({ now: () => this.#now });
    this.#bus.on("scheduler.tick_failed", ({ error = "" }) => this.#failures.push(error));
    for (const [pool, slots] of Object.entries(options.pools)) this.tables.pools.set(pool, slots);
    for (const { at, ...event } of options.events) this.#events.add(at, event);
  }

  get tables(): Tables {
    return this.#store.tables;
  }

  /** @throws TidemillError `TIDEMILL_INPUT_INVALID` */
  async load(manifests: readonly DagManifest[]): Promise<void> {
    const { failures } = await registerDags(this.#store, {
      dags: manifests.map((manifest) => {
        return { file: `${manifest.dagId}.ts`, hash: manifestHash(manifest), manifest };
      }),
      failures: [],
      pausedAtCreation: false,
    });
    const [failure] = failures;
    if (failure) {
      throw tidemillError("TIDEMILL_INPUT_INVALID", {
        subject: failure.file,
        problem: `cannot be simulated: ${failure.message}`,
        remedy: "give its pools in `pools`, and the DAGs that it names beside it",
      });
    }
    const facts = { host: "simulation", pid: 0, version: "0", capacity: this.#options.slots };
    this.#processId = await processRegister(this.#store, { kind: "scheduler", ...facts });
  }

  async run(): Promise<void> {
    let steps = 0;
    for (let at: Date | undefined = this.#now; at && at <= this.#options.to; at = this.#next()) {
      const next = this.#afterOutage(at);
      steps = next > this.#now ? 0 : steps + 1;
      if (steps > maxStepsAtOnce) throw new Error(`Time stands still at ${at.toISOString()}`);
      this.#now = next;
      await this.#step();
    }
  }

  async #step(): Promise<void> {
    this.#wasTold = false;
    for (const { name, payload } of this.#events.takeUntil(this.#now)) {
      await sendEvent({ database: this.#store, actor: "simulation" }, name, { payload });
    }
    await this.#finish([...this.#ends.takeUntil(this.#now)]);
    await this.#tick();
    await this.#claim();
    const [failure] = this.#failures;
    if (failure !== undefined) throw new Error(failure);
  }

  async #finish(finished: readonly FinishReport[]): Promise<void> {
    if (finished.length === 0) return;
    this.#running -= finished.length;
    const slots = () => this.#slots;
    const options = { ...this.#shared, finished, slots, processId: this.#processId };
    await this.#advanced(await advanceRuns(this.#store, options));
  }

  async #tick(): Promise<void> {
    await tick({
      ...this.#shared,
      database: this.#store,
      bus: this.#bus,
      now: this.#now,
      leaseMs: Infinity,
      createsRuns: true,
      looksForLost: false,
      lend: (fn) => {
        const slots = this.#slots;
        const processId = this.#processId;
        return fn({ slots, backfillSlots: slots, processId, mayLeaveQueued: true });
      },
      carryOutRequests: () => carryOutRequests(this.#store, this.#bus),
      onAdvanced: (advanced) => this.#advanced(advanced),
    });
  }

  async #claim(): Promise<void> {
    if (this.tables.ready.size === 0) return;
    const onClaimed = async (rows: readonly ClaimedRow[]) =>
      this.#start(await claimedStartables(this.#store, this.#cache, rows));
    const { cache } = this.#shared;
    const processId = this.#processId;
    await claimReady(this.#store, { cache, processId, slots: this.#slots, onClaimed });
  }

  get #slots(): number {
    return Math.max(0, this.#options.slots - this.#running);
  }

  get #shared() {
    return { cache: this.#cache, maxInfraRetries };
  }

  async #advanced({ hop }: Advanced): Promise<void> {
    this.#wasTold ||= hop.told > 0;
    this.#start(hopStartables(hop));
    const ended = hop.endedRuns.map(({ entry }) => entry.facts.dag_id);
    if (ended.length > 0) await dagMakeDue(this.#store, [...new Set(ended)]);
  }

  #start(started: readonly Startable[]): void {
    const { plan, seed } = this.#options;
    const now = this.#now;
    this.#running += started.length;
    for (const one of started) {
      const { ms, outcome } = simulateAttempt({ ...one, now, seed }, plan);
      const endedAt = new Date(now.getTime() + ms);
      const { facts, instance, lease } = one;
      const { taskInstanceId } = instance;
      const report = { dagRunId: facts.dag_run_id, taskInstanceId, lease, outcome };
      this.#ends.add(endedAt, { ...report, startedAt: now, endedAt });
    }
  }

  /** The next instant at which something is due: an end, a run, a wake-up, a run's timeout. */
  #next(): Date | undefined {
    if (this.#wasTold) return this.#now;
    let first = Math.min(this.#ends.nextMs ?? Infinity, this.#events.nextMs ?? Infinity);
    const look = (at: Date | null) => {
      if (at !== null && at.getTime() < first) first = at.getTime();
    };
    for (const dag of this.tables.dags.all()) if (!dag.is_paused) look(dag.next_run_after);
    for (const row of this.tables.waitingInstances) look(row.wake_at);
    for (const run of this.tables.runningRuns) look(run.times_out_at);
    if (first === Infinity) return undefined;
    return new Date(Math.max(first, this.#now.getTime()));
  }

  #afterOutage(at: Date): Date {
    const outage = this.#options.outages.find(({ from, to }) => from <= at && at < to);
    return outage ? outage.to : at;
  }
}
