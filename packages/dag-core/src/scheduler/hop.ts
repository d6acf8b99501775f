import type { Outcome } from "../definition/outcome.ts";
import { decide, timedOutWaits, wakeDue } from "../rules/decide.ts";
import {
  failedApart,
  finish,
  stop,
  stoppable,
  type StopReason,
  type TryRecord,
} from "../rules/finish.ts";
import { claimableFirst, isUnlimited, releasable, tasksInLine } from "../rules/releasable.ts";
import { runOutcome, type RunOutcome } from "../rules/run-outcome.ts";
import type { InstanceState } from "../rules/run-state.ts";
import { tryTimes } from "../rules/try-times.ts";
import { waitTimedOut } from "../rules/waits.ts";
import { cutTry } from "./cut-try.ts";
import type { RunEntry } from "./run-entry.ts";
import { type StartedTry, startTry } from "./start-try.ts";

/** An attempt that ended, with the lease it ran under. */
export interface FinishReport {
  readonly dagRunId: string;
  readonly taskInstanceId: string;
  readonly lease: string;
  readonly outcome: Outcome;
  /** When its code began to run; absent if it never did. */
  readonly startedAt?: Date | undefined;
  readonly endedAt: Date;
}

export interface EndedTry {
  readonly entry: RunEntry;
  readonly instance: InstanceState;
  readonly report: FinishReport;
  readonly record: TryRecord | undefined;
  readonly claimedAt: Date;
  /** When its code began and ended, by the clock of the database; one that never began did so when it was claimed. */
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly processId: string | null;
  readonly handOff: number;
  /** Its own: where no time lies between two tries, the instance has begun the next one by now. */
  readonly tryNumber: number;
  readonly readyAt: Date;
}

export interface EndedRun {
  readonly entry: RunEntry;
  readonly outcome: RunOutcome;
}

/** What one hop decided, in memory; `hopRows` writes it. */
export class Hop {
  readonly now: Date;
  readonly entries: ReadonlyMap<string, RunEntry>;
  readonly ended: EndedTry[] = [];
  readonly fenced: FinishReport[] = [];
  readonly started: StartedTry[] = [];
  readonly readied: { readonly entry: RunEntry; readonly instance: InstanceState }[] = [];
  /** Of them, those that do not stand behind others of their task, which whoever looks for them finds anyway. */
  offers = 0;
  /** Leases that were taken away from attempts that still run. */
  readonly revoked: { readonly taskInstanceId: string; readonly lease: string }[] = [];
  readonly endedRuns: EndedRun[] = [];
  /** Runs that can do nothing before their past does; they give their place back. */
  readonly suspended: RunEntry[] = [];
  /** How much the hop gave the scheduler to look at: runs made or told to look again, waits begun, events sent. */
  told = 0;
  /** Alerts that it wrote. */
  alerts = 0;
  /** Whether every try counts against a limit of the installation. */
  isCapped = false;
  /** How runs end that were stopped, once their teardowns have run. */
  readonly verdicts = new Map<RunEntry, RunOutcome>();
  /** Attempts that end with their run: each has its line in the run log; the alert is that of the run. */
  readonly cut: EndedTry[] = [];
  readonly #touched = new Map<string, Set<string>>();

  constructor(now: Date, entries: ReadonlyMap<string, RunEntry>) {
    this.now = now;
    this.entries = entries;
  }

  /** Applies the outcome of an attempt, if its lease is still the one that holds the task instance. */
  finish(report: FinishReport, maxInfraRetries: number): void {
    const held = this.held(report);
    if (!held) {
      this.fenced.push(report);
      return;
    }
    this.#end(held.entry, held.instance, report, maxInfraRetries);
  }

  /** What a report is about, if its lease is still the one that holds the task instance. */
  held(
    report: FinishReport,
  ): { readonly entry: RunEntry; readonly instance: InstanceState } | undefined {
    const entry = this.entries.get(report.dagRunId);
    const instance = entry?.state.find(report.taskInstanceId);
    if (!entry || instance?.state !== "running" || instance.lease !== report.lease)
      return undefined;
    return { entry, instance };
  }

  /** Ends the wait of a deferred task instance. */
  endWait(
    entry: RunEntry,
    instance: InstanceState,
    outcome: Outcome,
    wokenBy: string | null = null,
  ): void {
    const { dag_run_id: dagRunId } = entry.facts;
    const { taskInstanceId } = instance;
    entry.state.touch(instance);
    instance.wakeKey = null;
    instance.wakeAt = null;
    instance.wokenBy = wokenBy ?? instance.wokenBy;
    this.#end(entry, instance, { dagRunId, taskInstanceId, lease: "", outcome, endedAt: this.now });
  }

  #end(entry: RunEntry, instance: InstanceState, report: FinishReport, maxInfraRetries = 0): void {
    const { startedAt, processId, handOff, readyAt } = instance;
    const record = finish({
      run: entry.state,
      instance,
      outcome: report.outcome,
      now: this.now,
      maxInfraRetries,
      logicalDate: entry.facts.logical_date,
    });
    const claimedAt = startedAt ?? this.now;
    const { startedAt: beganAt, endedAt } = report;
    this.ended.push({
      entry,
      instance,
      report,
      record,
      claimedAt,
      ...tryTimes({ claimedAt, startedAt: beganAt, endedAt, now: this.now }),
      processId,
      handOff,
      tryNumber: instance.tryNumber,
      readyAt: readyAt ?? claimedAt,
    });
    this.#touch(entry, instance.taskId);
  }

  #touch(entry: RunEntry, taskId: string): void {
    const tasks = this.#touched.get(entry.facts.dag_run_id) ?? new Set();
    this.#touched.set(entry.facts.dag_run_id, tasks.add(taskId));
  }

  /** Follows a run from what ended in it, from what is due, or wholly if it was read anew, up to its own end. */
  follow(entry: RunEntry, isFresh: boolean): void {
    this.#wake(entry);
    this.#failFast(entry, isFresh);
    this.#decide(entry, isFresh);
    this.#close(entry);
  }

  #wake(entry: RunEntry): void {
    for (const instance of timedOutWaits(entry.state, this.now)) {
      const timeoutMs = entry.state.graph.tasks.get(instance.taskId)?.waits?.timeoutMs ?? 0;
      this.endWait(entry, instance, waitTimedOut(instance.wakeKey, timeoutMs));
    }
    wakeDue(entry.state, this.now);
  }

  /** Decides what follows in a run: from what changed, or from every task where that is not known. */
  #decide(entry: RunEntry, isFresh: boolean): void {
    const { state } = entry;
    const touched = this.#touched.get(entry.facts.dag_run_id) ?? [];
    const from = isFresh
      ? state.graph.tasks.keys()
      : [...touched].flatMap((taskId) => state.graph.affected.get(taskId) ?? []);
    decide(state, from, this.now);
  }

  /** Decides again on what asked for its past, which is known now. */
  decidePast(entry: RunEntry): void {
    const { state } = entry;
    const asked = [...state.pastWanted];
    state.pastWanted.clear();
    decide(state, asked, this.now);
    this.#close(entry);
  }

  /** Stops a run that is out of time. */
  timeOut(entry: RunEntry): void {
    this.#stop(entry, "run_timeout");
    this.verdicts.set(entry, { state: "failed", reason: "run_timeout" });
  }

  /** Stops a run in which a task has failed for good, if its DAG wants that. */
  #failFast(entry: RunEntry, isFresh: boolean): void {
    if (entry.state.graph.manifest.failFast !== true) return;
    const isToldAnew = isFresh && !this.verdicts.has(entry);
    const hasFailed =
      this.#failedHere(entry) || (isToldAnew && failedApart(entry.state, entry.facts.started_at));
    if (!hasFailed) return;
    this.#stop(entry, "fail_fast");
    this.verdicts.set(entry, { state: "failed", reason: "error" });
  }

  #failedHere(entry: RunEntry): boolean {
    const { tasks } = entry.state.graph;
    return this.ended.some(
      (ended) =>
        ended.entry === entry &&
        ended.record?.state === "failed" &&
        tasks.get(ended.instance.taskId)?.role !== "teardown",
    );
  }

  #stop(entry: RunEntry, reason: StopReason): void {
    for (const instance of stoppable(entry.state)) {
      if (instance.lease) {
        this.revoked.push({ taskInstanceId: instance.taskInstanceId, lease: instance.lease });
        this.cut.push(cutTry(entry, instance, instance.lease, reason, this.now));
      }
      stop(entry.state, instance, reason, this.now);
      this.#touch(entry, instance.taskId);
    }
  }

  /** Ends a run that has nothing unfinished left. */
  #close(entry: RunEntry): void {
    const outcome = runOutcome(entry.state, this.verdicts.get(entry));
    if (outcome) this.endedRuns.push({ entry, outcome });
  }

  /**
   * Hands out what is ready: starts it at once while `slots` last and nothing across runs limits it, else leaves it in
   * `task_ready` for any process.
   *
   * @returns slots that are left
   */
  release(entry: RunEntry, slots: number, processId: string | undefined): number {
    let left = slots;
    const inLine = tasksInLine(entry.state);
    for (const instance of releasable(entry.state)) {
      const isFree = isUnlimited(entry.state.graph, instance.taskId);
      if (left > 0 && isFree && processId !== undefined) {
        this.start(entry, instance, processId);
        left -= 1;
      } else {
        instance.isReady = true;
        this.readied.push({ entry, instance });
        if (!inLine.has(instance.taskId)) this.offers += 1;
      }
    }
    return this.#startReady(entry, left, processId);
  }

  start(entry: RunEntry, instance: InstanceState, processId: string): void {
    this.started.push(startTry(entry, instance, processId, this.now));
    instance.isReady = false;
  }

  /** Starts what waited in `task_ready` when there were no slots: the same tasks that a claim would take. */
  #startReady(entry: RunEntry, slots: number, processId: string | undefined): number {
    if (slots <= 0 || processId === undefined) return slots;
    const isNew = new Set(this.readied.map(({ instance }) => instance));
    const first = claimableFirst(entry.state)
      .filter((instance) => !isNew.has(instance))
      .slice(0, slots);
    for (const instance of first) this.start(entry, instance, processId);
    return slots - first.length;
  }
}

/** What went wrong, of an attempt that did not succeed. */
export function errorOf({ outcome }: FinishReport): object | null {
  if (outcome.kind === "failed") return outcome.error;
  if (outcome.kind === "lost") return { class: "Lost", message: outcome.message };
  return outcome.kind === "skipped" ? { class: "SkipTask", message: outcome.message } : null;
}
