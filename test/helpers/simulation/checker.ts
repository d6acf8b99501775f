import {
  finishedRunStates,
  finishedStates,
} from "../../../packages/dag-core/src/definition/states.ts";
import { limitsOf, slotsOf, statedLimits } from "../../../packages/dag-core/src/rules/limits.ts";
import type {
  AlertRow,
  InstanceRow,
  RunRow,
  Tables,
  TryRow,
} from "../../../packages/dag-core/src/testing/simulation/tables.ts";

/** What a process did with a lease, as the world saw it. */
export interface Witness {
  /** How the attempt ended; undefined while it goes on, or if its process was killed. */
  outcome: string | undefined;
  readonly owner: string;
}

/** Whether a try ended because its run was stopped: what stopped the run is told, and not each try. */
const isCut = ({ reason }: TryRow): boolean => reason === "run_timeout" || reason === "fail_fast";

type Before = Pick<
  InstanceRow,
  "state" | "clear_number" | "lease_token" | "hand_off" | "try_number"
>;

/** States that may follow each other without a clear. */
const follows: Readonly<Record<string, readonly string[]>> = {
  none: [
    "scheduled",
    "running",
    "skipped",
    "upstream_failed",
    "removed",
    "cancelled",
    "failed",
    "success",
  ],
  scheduled: ["running", "skipped", "cancelled", "failed", "success"],
  running: [
    "success",
    "failed",
    "skipped",
    "removed",
    "up_for_retry",
    "up_for_reschedule",
    "scheduled",
    "cancelled",
    "deferred",
    // Of another try: given back and started again in one commit.
    "running",
  ],
  deferred: ["success", "failed", "skipped", "cancelled", "scheduled"],
  up_for_retry: ["scheduled", "running", "skipped", "cancelled"],
  up_for_reschedule: ["scheduled", "running", "skipped", "cancelled"],
};

/**
 * Looks after each commit whether the invariants hold: those of runs and limits by counting anew, those of the life of
 * a task instance by comparing with what the commit before left.
 */
export class Checker {
  readonly #tables: Tables;
  readonly #witnesses: ReadonlyMap<string, Witness>;
  readonly #before = new Map<string, Before>();
  readonly #told = new Set<TryRow>();
  readonly #leases = new Set<string>();
  readonly #broken: string[] = [];

  constructor(tables: Tables, witnesses: ReadonlyMap<string, Witness>) {
    this.#tables = tables;
    this.#witnesses = witnesses;
  }

  /** @returns what does not hold, in words */
  check(): readonly string[] {
    for (const run of this.#tables.runs.all()) this.#checkRun(run);
    for (const row of this.#tables.instances.all()) this.#checkLife(row);
    for (const row of this.#tables.tries.all()) if (!this.#told.has(row)) this.#checkTry(row);
    this.#checkLimits();
    this.#checkIntervals();
    this.#checkBackfills();
    return this.#broken;
  }

  /** What holds besides when nothing is under way any more. */
  checkAtRest(): readonly string[] {
    for (const run of this.#tables.runs.all()) {
      if (!finishedRunStates.has(run.state))
        this.#broke(`run ${run.run_id} never ended: ${run.state}`);
    }
    if (this.#tables.ready.size > 0) this.#broke("something is ready and nobody claims it");
    if (this.#tables.holders.size > 0) this.#broke("something holds a limit though nothing runs");
    for (const backfill of this.#tables.backfills.all()) {
      if (backfill.ended_at === null) this.#broke(`backfill ${backfill.backfill_id} never ended`);
    }
    this.#checkAlerts();
    return this.#broken;
  }

  #broke(text: string): void {
    this.#broken.push(text);
  }

  #checkRun(run: RunRow): void {
    const rows = [...this.#tables.instancesOf(run.dag_run_id)];
    const open = rows.filter((row) => !finishedStates.has(row.state));
    const name = `run ${run.dag_id} ${run.run_id}`;
    if (finishedRunStates.has(run.state)) {
      if (open.length > 0) this.#broke(`${name} is ${run.state} with ${open.length} unfinished`);
      if (run.ended_at === null) this.#broke(`${name} ended at no time`);
      return;
    }
    if (run.run_type === "scheduled" && run.clear_number === 0 && run.run_after > run.queued_at) {
      this.#broke(`${name} was created before its time`);
    }
    if (run.decided > run.changed) this.#broke(`${name} was decided on before it changed`);
    if (run.state !== "running" || run.needs_decision) return;
    if (open.length === 0 && rows.length > 0)
      this.#broke(`${name} has nothing unfinished and goes on`);
    for (const row of open) {
      if (!this.#isAlive(run, rows, row)) {
        this.#broke(
          `${name}: ${row.task_id}[${row.map_index}] is ${row.state} and waits for nothing`,
        );
      }
    }
  }

  /** Each unfinished task instance is leased, ready, timed, or waits for something in its run. */
  #isAlive(run: RunRow, rows: readonly InstanceRow[], row: InstanceRow): boolean {
    const { tasks, maxActiveTasks } = this.#tables.manifestOf(run);
    const task = tasks.find((one) => one.taskId === row.task_id);
    const isReady = (one: InstanceRow) =>
      this.#tables.ready.get(one.task_instance_id) !== undefined;
    const isOutstanding = (one: InstanceRow) => one.state === "running" || isReady(one);
    const state: string = row.state;
    switch (state) {
      case "running":
        return this.#tables.processes.get(row.process_id ?? "") !== undefined;
      case "scheduled": {
        const own = rows.filter((one) => one.task_id === row.task_id).filter(isOutstanding);
        const isHeldByTask = own.length >= (task?.maxActive ?? Infinity);
        const isHeldByRun = rows.filter(isOutstanding).length >= (maxActiveTasks ?? Infinity);
        return isReady(row) || isHeldByTask || isHeldByRun;
      }
      case "up_for_retry":
      case "up_for_reschedule":
      case "deferred":
        return row.wake_at !== null;
      case "none": {
        const upstream = rows.filter((one) => task?.upstream.includes(one.task_id));
        return upstream.some((one) => !finishedStates.has(one.state));
      }
      default:
        return false;
    }
  }

  #checkLife(row: InstanceRow): void {
    const before = this.#before.get(row.task_instance_id);
    const { state, clear_number, lease_token, hand_off, try_number } = row;
    if (
      before?.state === state &&
      before.lease_token === lease_token &&
      before.clear_number === clear_number
    ) {
      return;
    }
    this.#before.set(row.task_instance_id, {
      state,
      clear_number,
      lease_token,
      hand_off,
      try_number,
    });
    const name = `${row.task_id}[${row.map_index}] of run ${row.dag_run_id}`;
    if ((lease_token !== null) !== (state === "running"))
      this.#broke(`${name}: lease while ${state}`);
    if (row.try_number > row.max_tries + 1) this.#broke(`${name} has more tries than it may`);
    if (lease_token !== null && before?.lease_token !== lease_token) {
      if (this.#leases.has(lease_token)) this.#broke(`${name} has a lease that was used before`);
      this.#leases.add(lease_token);
      if (before && hand_off <= before.hand_off)
        this.#broke(`${name} was handed over without a count`);
    }
    if (!before || clear_number > before.clear_number || before.state === state) return;
    if (!(follows[before.state] ?? []).includes(state)) {
      this.#broke(`${name} went from ${before.state} to ${state}`);
    }
  }

  /** What the run log says of an attempt is what that attempt came to, and nobody else's. */
  #checkTry(row: TryRow): void {
    this.#told.add(row);
    const witness = this.#witnesses.get(`${row.task_instance_id}/${row.hand_off}`);
    const name = `try ${row.try_number}, hand-over ${row.hand_off} of ${row.task_id}`;
    if (row.state === "cancelled" || isCut(row)) return;
    if (row.reason === "lease_lost") return;
    if (row.state === "up_for_retry" && row.reason === "stopped") return;
    const told = row.state === "up_for_retry" || row.reason === "timeout" ? "failed" : row.state;
    const came = witness?.outcome === "reschedule" ? "failed" : witness?.outcome;
    // A wait ends by an event or by its time, whatever its attempt came to.
    if (came === "defer" && (told === "success" || row.reason === "timeout")) return;
    if (came !== told && !(came === "wrong_version" && told === "removed")) {
      this.#broke(`${name} is told as ${row.state}, its attempt came to ${came}`);
    }
  }

  #checkLimits(): void {
    const taken = new Map<string, number>();
    const capacity = new Map<string, number>();
    const take = (key: string, slots: number, most: number | undefined) => {
      if (most === undefined || most < 0) return;
      taken.set(key, (taken.get(key) ?? 0) + slots);
      capacity.set(key, most);
    };
    for (const row of this.#tables.runningInstances) this.#countTask(row, take);
    for (const run of this.#tables.runningRuns) {
      const backfill = this.#tables.backfills.get(run.backfill_id ?? "");
      if (backfill) take(`backfill:${backfill.backfill_id}`, 1, backfill.max_active_runs);
      else take(`runs:${run.dag_id}`, 1, this.#tables.manifestOf(run).maxActiveRuns);
    }
    for (const [key, slots] of taken) {
      if (slots > (capacity.get(key) ?? 0))
        this.#broke(`${key} holds ${slots} of ${capacity.get(key)}`);
    }
  }

  #countTask(
    row: InstanceRow,
    take: (key: string, slots: number, most: number | undefined) => void,
  ): void {
    const run = this.#tables.runs.get(row.dag_run_id);
    if (!run) return;
    const manifest = this.#tables.manifestOf(run);
    const task = manifest.tasks.find((one) => one.taskId === row.task_id);
    take(`run:${run.dag_run_id}`, 1, manifest.maxActiveTasks);
    if (!task) return;
    take(`each:${run.dag_run_id}/${task.taskId}`, 1, task.maxActive);
    const stated = statedLimits(manifest, task);
    for (const key of limitsOf(manifest, task)) {
      const most = stated.get(key) ?? this.#tables.pools.get(task.pool);
      take(key, slotsOf(key, task.poolSlots), most);
    }
  }

  #checkIntervals(): void {
    for (const dag of this.#tables.dags.all()) {
      const rows = this.#tables.intervalsOf(dag.dag_id);
      rows.forEach((row, n) => {
        const next = rows[n + 1];
        if (next && next.interval_start < row.interval_end) {
          this.#broke(`${dag.dag_id} covers ${next.interval_start.toISOString()} twice`);
        }
      });
      for (const row of rows) {
        const run = this.#tables.runs.get(row.dag_run_id);
        if (run === undefined || run.state === "cancelled")
          this.#broke("a cancelled run covers time");
      }
    }
  }

  #checkBackfills(): void {
    for (const backfill of this.#tables.backfills.all()) {
      if (backfill.state !== "success" && backfill.state !== "failed") continue;
      for (const run of this.#tables.runs.all()) {
        if (run.backfill_id !== backfill.backfill_id || finishedRunStates.has(run.state)) continue;
        this.#broke(`backfill ${backfill.backfill_id} ended before run ${run.run_id}`);
      }
    }
  }

  /** Every final failure has its one alert, and every alert tells of a failure. */
  #checkAlerts(): void {
    const alerts = [...this.#tables.alerts.all()];
    const of = (row: AlertRow) => `${row.task_instance_id}/${row.try_number}/${row.hand_off}`;
    const told = new Set(alerts.filter((row) => row.kind === "task_instance.failed").map(of));
    const failed = [...this.#tables.tries.all()].filter(
      (row) => row.state === "failed" && !isCut(row),
    );
    for (const row of failed) {
      const key = `${row.task_instance_id}/${row.try_number}/${row.hand_off}`;
      if (!told.delete(key)) this.#broke(`the failure of ${row.task_id} was not told`);
    }
    for (const key of told) this.#broke(`an alert tells of ${key}, which did not fail`);
    for (const run of this.#tables.runs.all()) {
      const own = alerts.filter(
        (row) =>
          row.kind === "dag_run.failed" &&
          row.dag_run_id === run.dag_run_id &&
          row.clear_number === run.clear_number,
      );
      const wanted = run.state === "failed" ? 1 : 0;
      if (own.length !== wanted)
        this.#broke(`run ${run.run_id} ${run.state}: ${own.length} alerts`);
    }
  }
}
