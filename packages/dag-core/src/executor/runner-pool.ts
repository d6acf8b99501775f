import { formatMs, longestTimerMs } from "../kernel/duration.ts";
import { tidemillError, toError } from "../kernel/errors.ts";
import { type CarriedAttempt, CarriedAttempts, timedOut } from "./carried.ts";
import type { Executor, ExecutorReports, LoadedDags } from "./executor.ts";
import type { HandOffId, StartedHandOff } from "./hand-off.ts";
import { Pace } from "./pace.ts";
import type { AttemptNews } from "./protocol.ts";
import { HungFiles } from "./hung-files.ts";
import type { Death, Runner } from "./runner.ts";
import { RunnerGroup, type RunnerGroupEvents, type RunnerGroupOptions } from "./runner-group.ts";
import { groupOptions, type RunnerPoolOptions } from "./runner-pool-options.ts";

/** Beyond its timeout and grace a runner that could answer has answered. */
const deadlineMarginMs = 1_000;
/** For how long attempts may wait while none of those that run ends. */
const longestWaitMs = 1_000;

export type { RunnerPoolOptions } from "./runner-pool-options.ts";

/** Runs attempts in warm child processes; the local {@link Executor}. */
export class RunnerPool implements Executor {
  readonly name = "local";
  readonly #reports: ExecutorReports;
  readonly #options: RunnerGroupOptions;
  readonly #carried: CarriedAttempts;
  readonly #fresh = new Set<Runner>();
  #freshStarting = 0;
  /** In order of submission; sets, so that a stop takes one out at once. */
  readonly #waiting = { warm: new Set<CarriedAttempt>(), fresh: new Set<CarriedAttempt>() };
  readonly #pace = new Pace();
  #lastWarmAt = 0;
  #waitTimer: NodeJS.Timeout | undefined;
  readonly #hung: HungFiles;
  #group: RunnerGroup;
  #older = new Set<RunnerGroup>();
  #reloading: Promise<LoadedDags> | undefined;
  #isClosed = false;

  constructor(options: RunnerPoolOptions) {
    this.#reports = options.reports;
    this.#options = groupOptions(options);
    this.#carried = new CarriedAttempts(options.reports);
    this.#hung = new HungFiles(this.#options.dagsFolder);
    this.#group = this.#newGroup();
  }

  /**
   * Imports the DAG files and brings all processes up.
   *
   * @throws TidemillError `TIDEMILL_RUNNER_START`, `TIDEMILL_INPUT_INVALID` when the folder is missing.
   */
  start(): Promise<LoadedDags> {
    return this.#group.start();
  }

  /** Loads the newest code into new processes; the old ones finish what they carry. Calls `reports.loaded`. */
  reload(): Promise<LoadedDags> {
    const next = (this.#reloading ?? Promise.resolve()).catch(() => undefined);
    const reloading = next.then(() => this.#reloadOnce());
    this.#reloading = reloading;
    return reloading;
  }

  async #reloadOnce(): Promise<LoadedDags> {
    const group = this.#newGroup();
    this.#older.add(group);
    const loaded = await group.start().catch(async (error: unknown) => {
      await group.close();
      throw error;
    });
    // Closing has taken the new processes with it.
    if (this.#isClosed) return loaded;
    this.#older.delete(group);
    this.#older.add(this.#group);
    this.#group.retire();
    this.#group = group;
    this.#reports.loaded(loaded);
    this.#pump();
    return loaded;
  }

  freeSlots(): number {
    if (this.#isClosed) return 0;
    const slots = this.#group.capacity();
    // What waits for a process of its own waits for its start: nothing more is taken on ahead of that.
    const ahead = this.#waiting.fresh.size > 0 ? 0 : this.#pace.ahead(slots);
    return Math.max(0, slots + ahead - this.#carried.size);
  }

  submit(batch: readonly StartedHandOff[]): void {
    for (const handOff of batch) {
      const attempt = this.#carried.add(handOff);
      if (attempt) this.#waiting[handOff.isolation].add(attempt);
    }
    this.#pump();
  }

  list(): readonly HandOffId[] {
    return this.#carried.ids();
  }

  async stop(ids: readonly HandOffId[], graceMs: number): Promise<void> {
    const attempts = ids.flatMap((id) => this.#carried.get(id) ?? []);
    for (const attempt of attempts) this.#tellToStop(attempt);
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(() => over.resolve(), graceMs);
    const all = Promise.all(attempts.map((attempt) => attempt.settled));
    await Promise.race([all, over.promise]);
    clearTimeout(timer);
    const because = `was ended: an attempt did not stop within ${formatMs(graceMs)}`;
    for (const attempt of attempts) {
      if (this.#carried.get(attempt.handOff.id) === attempt) attempt.runner?.kill(because);
    }
    await all;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#waitTimer);
    await this.stop(this.list(), this.#options.graceMs);
    await Promise.all([this.#group, ...this.#older].map((group) => group.close()));
  }

  #tellToStop(attempt: CarriedAttempt): void {
    attempt.wasToldToStop = true;
    if (attempt.runner) return attempt.runner.send({ type: "stop", id: attempt.handOff.id });
    const { id } = attempt.handOff;
    this.#giveBack(attempt, tidemillError("TIDEMILL_ATTEMPT_STOPPED", { id }).message);
  }

  /** It has not begun: whoever has a slot may take it. */
  #giveBack(attempt: CarriedAttempt, message: string): void {
    this.#waiting[attempt.handOff.isolation].delete(attempt);
    this.#carried.settle(attempt, { kind: "lost", reason: "stopped", wasAlone: false, message });
  }

  /** Gives waiting attempts to processes with room; a fresh process is made for those that ask for one. */
  #pump(): void {
    const { warm, fresh } = this.#waiting;
    if (this.#isClosed) return [...warm, ...fresh].forEach((attempt) => this.#tellToStop(attempt));
    for (const attempt of warm) {
      const runner = this.#group.leastLoaded();
      if (!runner) break;
      warm.delete(attempt);
      this.#lastWarmAt = performance.now();
      this.#run(attempt, runner);
    }
    if (warm.size > 0) this.#waitTimer ??= setTimeout(() => this.#waited(), longestWaitMs);
    for (const attempt of fresh) {
      if (this.#fresh.size + this.#freshStarting >= this.#options.freshRunners) break;
      fresh.delete(attempt);
      this.#freshStarting += 1;
      void this.#runFresh(attempt);
    }
  }

  /** Gives back what was taken on ahead of attempts that take longer than those before them. */
  #waited(): void {
    this.#waitTimer = undefined;
    const waitedMs = performance.now() - this.#lastWarmAt;
    const isFull = this.#group.capacity() > 0 && this.#group.leastLoaded() === undefined;
    if (isFull && waitedMs >= longestWaitMs) {
      this.#pace.took(waitedMs);
      for (const attempt of this.#waiting.warm) this.#giveBack(attempt, "found no slot in time");
    }
    this.#pump();
  }

  async #runFresh(attempt: CarriedAttempt): Promise<void> {
    const runner = await this.#group.startFresh(attempt.handOff.input.dagId);
    this.#freshStarting -= 1;
    const isWanted = this.#carried.get(attempt.handOff.id) === attempt;
    if (runner === undefined) {
      this.#carried.settle(attempt, { kind: "wrong_version", missing: "dag" });
    } else if ("importing" in runner) {
      const { reason, message } = runner;
      this.#carried.settle(attempt, { kind: "lost", reason, wasAlone: true, message });
    } else if (!isWanted) {
      runner.end("was not needed any more");
    } else {
      this.#fresh.add(runner);
      this.#run(attempt, runner);
    }
    this.#pump();
  }

  #run(attempt: CarriedAttempt, runner: Runner): void {
    const { handOff } = attempt;
    attempt.runner = runner;
    runner.carried.add(handOff.id);
    runner.send({ type: "run", handOff });
    this.#watchDeadline(attempt, runner);
  }

  /** For a function that blocks the event loop: its runner can neither time it out nor say so. */
  #watchDeadline(attempt: CarriedAttempt, runner: Runner): void {
    const { timeoutMs } = attempt.handOff.input;
    if (timeoutMs === undefined) return;
    const limitMs = timeoutMs + this.#options.graceMs + deadlineMarginMs;
    if (limitMs > longestTimerMs) return;
    attempt.deadline = setTimeout(() => void this.#pastDeadline(attempt, runner), limitMs);
  }

  async #pastDeadline(attempt: CarriedAttempt, runner: Runner): Promise<void> {
    const { id, input } = attempt.handOff;
    const isAnswering = await runner.answers(deadlineMarginMs);
    if (!runner.isReady || this.#carried.get(id) !== attempt) return;
    // A runner that answers keeps the time itself; it may have begun late.
    if (isAnswering) return this.#watchDeadline(attempt, runner);
    // Alone it blocks whatever it was at; among several, those whose own time is over are late, the others lost.
    if (runner.carried.size === 1) {
      attempt.verdict = { outcome: timedOut(input), endedAt: new Date() };
    }
    runner.kill(`had a blocked event loop past the timeout of task "${input.taskId}"`);
  }

  #hear(runner: Runner, message: AttemptNews): void {
    switch (message.type) {
      case "started":
        return this.#started(message);
      case "timed":
        return this.#timed(message.id);
      case "logged":
        return this.#reports.logged(message.id, message.lines);
      case "finished":
        return this.#finished(runner, message);
      case "read_state":
        return void this.#answerState(runner, message);
    }
  }

  #started({ id, at }: Extract<AttemptNews, { type: "started" }>): void {
    const attempt = this.#carried.get(id);
    if (attempt) attempt.startedAt = at;
    this.#reports.started(id, new Date(at));
  }

  #timed(id: HandOffId): void {
    const attempt = this.#carried.get(id);
    if (attempt) attempt.timedSince = performance.now();
  }

  #finished(
    runner: Runner,
    { id, outcome, at, stillRuns }: Extract<AttemptNews, { type: "finished" }>,
  ): void {
    const attempt = this.#carried.get(id);
    if (attempt?.runner !== runner) return;
    if (stillRuns) {
      attempt.verdict = { outcome, endedAt: new Date(at) };
      return runner.kill("was ended: an attempt did not stop at its abort");
    }
    const isFresh = this.#fresh.has(runner);
    if (!isFresh) this.#pace.took(at - (attempt.startedAt ?? at));
    this.#carried.settle(attempt, outcome, new Date(at));
    if (isFresh) runner.end("was not needed any more");
    else for (const group of this.#older) group.endIfIdle(runner);
    this.#pump();
  }

  async #answerState(
    runner: Runner,
    { id, key, request }: Extract<AttemptNews, { type: "read_state" }>,
  ): Promise<void> {
    try {
      const json = await this.#reports.readState(id, key);
      runner.send({ type: "state", request, ...(json !== undefined && { json }) });
    } catch (error) {
      runner.send({ type: "state", request, problem: toError(error).message });
    }
  }

  #died(runner: Runner, death: Death): void {
    this.#fresh.delete(runner);
    this.#carried.settleAllOf(runner, death);
    for (const group of this.#older) if (group.isEmpty) this.#older.delete(group);
    this.#pump();
  }

  #newGroup(): RunnerGroup {
    const events: RunnerGroupEvents = {
      onNews: (runner, news) => this.#hear(runner, news),
      onDeath: (runner, death) => this.#died(runner, death),
      onReady: () => this.#pump(),
    };
    return new RunnerGroup(this.#options, events, this.#hung);
  }
}
