import type { Dag } from "@tidemill/dag-core";
import { manifestHash } from "../../../packages/dag-core/src/definition/manifest-hash.ts";
import { registerDags } from "../../../packages/dag-core/src/scheduler/register-dags.ts";
import {
  MemoryStore,
  type QueryHandlers,
} from "../../../packages/dag-core/src/testing/simulation/memory-store.ts";
import { textHash } from "../../../packages/dag-core/src/testing/simulation/random.ts";
import {
  type AttemptPlan,
  type SimulatedAttempt,
  simulateAttempt,
} from "../../../packages/dag-core/src/testing/simulation/simulated-attempt.ts";
import type { Startable } from "../../../packages/dag-core/src/executor/hand-over.ts";
import type { FinishReport } from "../../../packages/dag-core/src/scheduler/hop.ts";
import { TimeLine } from "../../../packages/dag-core/src/testing/simulation/time-line.ts";
import { backfillQueries } from "./backfill-queries.ts";
import { Checker, type Witness } from "./checker.ts";
import type { Fault } from "./fault-store.ts";
import { type Dice, dice, eventNames, pools, randomDag } from "./random-dags.ts";
import { activities, SimulatedProcess } from "./simulated-process.ts";
import { verbQueries } from "./verb-queries.ts";

export interface WorldOptions {
  readonly seed: number;
  /** Queries that replace those of the store: how a test breaks it. */
  readonly queries?: QueryHandlers | undefined;
}

export const leaseMs = 15_000;
const startMs = Date.parse("2026-01-01T00:00:00Z");
const maxInfraRetries = 1_000;

const eventOf = (n: number) => eventNames[n % eventNames.length] ?? eventNames[0];

/** How long attempts take and how they end: by what they are, not by when they run. */
export function planOf(seed: number): AttemptPlan {
  const numberOf = ({ dagId, logicalDate, taskId, mapIndex, tryNumber }: SimulatedAttempt) =>
    textHash(JSON.stringify([dagId, logicalDate, taskId, mapIndex, tryNumber]), seed);
  return {
    durations: ({ random }) => `${1 + Math.floor(random ** 4 * 900)}s`,
    failures: (attempt) => numberOf(attempt) % 4 === 0,
    results: (attempt) => ({
      ...(attempt.dagId.startsWith("any") && {
        stop: numberOf(attempt) % 3 === 1,
        event: eventOf(numberOf(attempt)),
        sends: numberOf(attempt) % 5 === 1 ? [{ name: eventOf(numberOf(attempt) >> 4) }] : [],
      }),
      again: attempt.random < 0.5,
      skip: attempt.dagId.startsWith("any") && numberOf(attempt) % 16 === 1,
      items: numberOf(attempt) % 4,
    }),
  };
}

/** Processes around one store, in virtual time. What happens next is for others to choose. */
export class World {
  readonly dice: Dice;
  readonly seed: number;
  /** Whether results depend on nothing but the results of tasks. */
  readonly isSteady: boolean;
  readonly store: MemoryStore;
  readonly checker: Checker;
  readonly dags: readonly Dag[];
  readonly broken: string[] = [];
  processes: SimulatedProcess[] = [];
  /** While it is calm nothing fails and nobody is held up. */
  isCalm = false;
  nowMs = startMs;
  commits = 0;
  /** The fault that befalls whoever comes next to a statement or to the answer of a commit. */
  fault: { readonly kind: Fault; readonly atCommit: boolean } | undefined;
  readonly #ends = new TimeLine<{ readonly by: SimulatedProcess; readonly report: FinishReport }>();
  readonly #witnesses = new Map<string, Witness>();
  readonly #endings = new Map<FinishReport, () => void>();
  readonly #plan: AttemptPlan;
  #checkedChanges = 0;

  constructor({ seed, queries = {} }: WorldOptions) {
    this.seed = seed;
    this.dice = dice(textHash(String(seed)));
    this.isSteady = seed % 3 === 0;
    this.#plan = planOf(seed);
    this.nowMs += this.dice.upTo(200) * 60_000;
    this.store = new MemoryStore({
      now: () => this.now,
      queries: { ...verbQueries, ...backfillQueries, ...queries },
    });
    for (const [pool, slots] of Object.entries(pools)) this.store.tables.pools.set(pool, slots);
    this.checker = new Checker(this.store.tables, this.#witnesses);
    const first = this.dice.upTo(1_000);
    const count = 1 + this.dice.upTo(1);
    this.dags = [...Array(count).keys()].map((n) =>
      randomDag(first + n, { isSteady: this.isSteady, version: 1 }),
    );
  }

  get now(): Date {
    return new Date(this.nowMs);
  }

  async load(dags: readonly Dag[] = this.dags): Promise<void> {
    await registerDags(this.store, {
      dags: dags.map(({ manifest }) => {
        return { file: `${manifest.dagId}.ts`, hash: manifestHash(manifest), manifest };
      }),
      failures: [],
      pausedAtCreation: false,
    });
  }

  async addProcess(isScheduler: boolean): Promise<void> {
    const process = new SimulatedProcess({
      store: this.store,
      now: () => this.now,
      isScheduler,
      capacity: 1 + this.dice.upTo(3),
      leaseMs,
      maxInfraRetries,
      mayWait: () => !this.isCalm && this.dice.chance(0.4),
      fault: (atCommit) => this.#takeFault(process, atCommit),
      onCommit: () => this.check(),
      onStarted: (by, started) => this.#started(by, started),
    });
    await process.beat();
    this.processes.push(process);
  }

  #takeFault(process: SimulatedProcess, atCommit: boolean): Fault | undefined {
    const { fault } = this;
    if (fault?.atCommit !== atCommit) return undefined;
    this.fault = undefined;
    if (fault.kind === "kill") this.kill(process);
    return fault.kind;
  }

  /** Nothing of it is left but what it has committed. */
  kill(process: SimulatedProcess): void {
    this.broken.push(...process.failures);
    this.processes = this.processes.filter((one) => one !== process);
  }

  check(): void {
    this.commits += 1;
    const { changes } = this.store.tables.journal;
    if (changes === this.#checkedChanges) return;
    this.#checkedChanges = changes;
    if (this.broken.length === 0) this.broken.push(...this.checker.check());
  }

  #started(by: SimulatedProcess, started: Startable): void {
    const { lease, facts, instance } = started;
    const { taskInstanceId } = instance;
    const { seed, now } = this;
    const handOver = `${taskInstanceId}/${instance.handOff}`;
    const owner = by.processId ?? "";
    const before = this.#witnesses.get(handOver);
    if (before) this.broken.push(`${handOver} runs under ${before.owner} and under ${owner}`);
    const { ms, outcome } = simulateAttempt({ ...started, seed, now }, this.#plan);
    const witness: Witness = { outcome: undefined, owner };
    this.#witnesses.set(handOver, witness);
    const endedAt = new Date(this.nowMs + ms);
    const dagRunId = facts.dag_run_id;
    const report = { dagRunId, taskInstanceId, lease, outcome, startedAt: now, endedAt };
    this.#ends.add(endedAt, { by, report });
    this.#endings.set(report, () => void (witness.outcome = outcome.kind));
  }

  /** Lets time go on. Attempts end; whoever is not held up gives a sign of life. */
  async passUntil(ms: number): Promise<void> {
    this.nowMs = Math.max(this.nowMs, ms);
    for (const { by, report } of this.#ends.takeUntil(this.now)) {
      const isDropped = !by.carried.has(report.lease) && !this.dice.chance(0.5);
      if (!this.processes.includes(by) || isDropped) continue;
      // One that is aborted may still come to a result, which must count for nothing.
      this.#endings.get(report)?.();
      by.add(this.#skewed(report));
    }
    for (const process of this.processes) if (!process.isPaused) await process.beat();
  }

  /** The clock of a process may be off by anything; the engine goes by that of the database. */
  #skewed(report: FinishReport): FinishReport {
    const skewMs = this.dice.chance(0.2) ? (this.dice.number() - 0.5) * 7_200_000 : 0;
    const at = (date: Date) => new Date(date.getTime() + skewMs);
    const { startedAt, endedAt } = report;
    return { ...report, endedAt: at(endedAt), ...(startedAt && { startedAt: at(startedAt) }) };
  }

  /** The next instant at which something is due. */
  nextMs(): number | undefined {
    const { tables } = this.store;
    const times = [
      this.#ends.nextMs,
      ...[...tables.dags.all()].map((dag) => dag.next_run_after?.getTime()),
      ...[...tables.waitingInstances].map((row) => row.wake_at?.getTime()),
      ...[...tables.runningRuns].map((run) => run.times_out_at?.getTime()),
    ].filter((at) => at !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Runs until nothing is due, with everybody well. */
  async calmDown(): Promise<void> {
    this.isCalm = true;
    this.fault = undefined;
    for (const process of this.processes) {
      process.isPaused = false;
      for (const name of activities) {
        while (process.threads[name].isParked) await process.threads[name].resume();
      }
    }
    if (!this.processes.some((one) => one.isScheduler)) await this.addProcess(true);
    for (let round = 0; round < 3_000; round++) {
      await this.#calmRound(round);
      const next = this.nextMs();
      if (this.broken.length > 0) return;
      if (next === undefined && this.#isDone()) return this.#rest();
      // Where nothing is due, past the lease of whoever is gone.
      await this.passUntil(next ?? this.nowMs + leaseMs + 1_000);
    }
    this.broken.push("it never came to rest");
    this.broken.push(...this.checker.checkAtRest());
  }

  /** What a scheduler asks before each tick, but for the silence of others: it looks for them every fourth time. */
  #isTickDue(): boolean {
    const { tables } = this.store;
    const { now } = this;
    const isOver = (at: Date | null) => at !== null && at <= now;
    return (
      tables.undecidedRuns.size + tables.requests.size + tables.wakes.size + tables.pending.size >
        0 ||
      [...tables.dags.all()].some((dag) => isOver(dag.next_run_after)) ||
      [...tables.queuedRuns].some((run) => !run.waits_for_past) ||
      [...tables.pastWaits.all()].some((wait) => wait.is_due || !wait.is_settled) ||
      [...tables.waitingInstances].some((row) => isOver(row.wake_at)) ||
      [...tables.runningRuns].some((run) => isOver(run.times_out_at))
    );
  }

  #isDone(): boolean {
    const { queuedRuns, runningRuns } = this.store.tables;
    return queuedRuns.size === 0 && runningRuns.size === 0;
  }

  #rest(): void {
    this.broken.push(...this.checker.checkAtRest());
  }

  /** Only one ticks, now this one and now that: the others would find nothing left. */
  async #calmRound(round: number): Promise<void> {
    const schedulers = this.processes.filter((one) => one.isScheduler);
    const ticking = schedulers[round % schedulers.length];
    for (const process of this.processes) {
      if (process.hasCompleted) await process.begin("complete");
      if (process === ticking && (round % 4 === 0 || this.#isTickDue())) {
        await process.begin("tick");
      }
      if (this.store.tables.ready.size > 0) await process.begin("claim");
      if (round % 4 === 0) await process.begin("reconcile");
      if (process.failures.length > 0) this.broken.push(...process.failures);
    }
  }
}
