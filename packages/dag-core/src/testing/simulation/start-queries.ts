import type { QueuedKey } from "../../store/dag-run.ts";
import { notWhole, rowsOf } from "./apply-hop.ts";
import { waitsFor } from "./past-queries.ts";
import { byId, type InstanceRow, type ReadyRow, type RunRow, type Tables } from "./tables.ts";

export interface Group {
  readonly dag_id: string;
  readonly backfill_id: string | null;
}

const isOf = (group: Group) => (run: RunRow) =>
  run.dag_id === group.dag_id && run.backfill_id === group.backfill_id;

/** Every column of a new task instance. */
export function newInstance(
  row: Pick<InstanceRow, "task_instance_id" | "dag_run_id" | "task_id"> & Partial<InstanceRow>,
): InstanceRow {
  return {
    map_index: -1,
    state: "none",
    reason: null,
    try_number: 0,
    max_tries: 0,
    cleared_at_try: 0,
    clear_number: 0,
    hand_off: 0,
    infra_retries: 0,
    list_length: null,
    runs_alone: false,
    choices: null,
    lease_token: null,
    process_id: null,
    ready_at: null,
    started_at: null,
    ended_at: null,
    wake_at: null,
    first_poke_at: null,
    wake_key: null,
    woken_by: null,
    ...row,
  };
}

/** A run that waits for one before this looks again whether it is the right one. */
function tellLater(tables: Tables, run: RunRow): void {
  for (const wait of waitsFor(tables, run)) {
    if (wait.past_dag_run_id !== run.dag_run_id) tables.pastWaits.update(wait, { is_due: true });
  }
}

function startRun(tables: Tables, run: RunRow, now: Date): void {
  const { tasks, runTimeoutMs } = tables.manifestOf(run);
  tables.runs.update(run, {
    state: "running",
    started_at: run.started_at ?? now,
    times_out_at: runTimeoutMs === undefined ? null : new Date(now.getTime() + runTimeoutMs),
    changed: run.changed + 1,
    slot_number: Number(tables.nextId()),
  });
  tellLater(tables, run);
  const known = new Set([...tables.instancesOf(run.dag_run_id)].map((row) => row.task_id));
  for (const { taskId, retries } of tasks) {
    if (known.has(taskId)) continue;
    const { dag_run_id } = run;
    const task_instance_id = tables.nextId();
    tables.instances.insert(
      newInstance({ task_instance_id, dag_run_id, task_id: taskId, max_tries: retries }),
    );
  }
}

interface RunBegin {
  readonly id: string;
  readonly changed: number;
  readonly times_out_at: Date | null;
}

type InstanceBegin = Pick<InstanceRow, "dag_run_id" | "task_id"> &
  Partial<InstanceRow> & { readonly id: string; readonly lease: string | null };

interface Groups {
  readonly dag_ids: readonly string[];
  readonly backfill_ids: readonly (string | null)[];
}

export interface PlacesWanted extends Groups {
  readonly process_id: string | null;
  readonly capacities: readonly number[];
  readonly max_runs: readonly number[];
  readonly tasks: readonly number[];
  readonly from_slots: readonly (string | null)[];
}

export interface QueuedFrom extends Groups {
  readonly max_runs: number;
  readonly from_ordinals: readonly (number | null)[];
  readonly from_run_afters: readonly (Date | null)[];
  readonly from_dag_run_ids: readonly (string | null)[];
}

/** What is found of each group, in their order. */
const ofEach = <Row>(p: Groups, find: (group: Group, index: number) => readonly Row[]): Row[] =>
  p.dag_ids.flatMap((dag_id, index) =>
    find({ dag_id, backfill_id: p.backfill_ids[index] ?? null }, index),
  );

const inQueue = (a: QueuedKey, b: QueuedKey): number =>
  a.ordinal - b.ordinal ||
  a.run_after.getTime() - b.run_after.getTime() ||
  byId(a.dag_run_id, b.dag_run_id);

function queuedOf(tables: Tables, p: QueuedFrom, now: Date, group: Group, index: number) {
  const ordinal = p.from_ordinals[index] ?? null;
  const run_after = p.from_run_afters[index] ?? null;
  const dag_run_id = p.from_dag_run_ids[index] ?? null;
  const from =
    ordinal !== null && run_after !== null && dag_run_id !== null
      ? { ordinal, run_after, dag_run_id }
      : undefined;
  return [...tables.queuedRuns]
    .filter(isOf(group))
    .filter((run) => !run.waits_for_past && run.run_after <= now)
    .map((run) => ({ ...run, ordinal: run.backfill_ordinal ?? 0 }))
    .filter((run) => !from || inQueue(run, from) >= 0)
    .sort(inQueue)
    .slice(0, p.max_runs)
    .map((run) => ({
      ...run,
      position: index + 1,
      changed: String(run.changed),
      is_new: run.started_at === null && run.clear_number === 0,
      is_special: run.is_awaited || run.needs_decision || run.verdict !== null,
    }));
}

function placesOf(tables: Tables, p: PlacesWanted, now: Date, group: Group, index: number) {
  const own = [...tables.runningRuns].filter(isOf(group));
  const counted = own.filter((run) => run.slot_number >= Number(p.from_slots[index] ?? 0));
  const running = counted.length;
  const slots = counted.map((run) => run.slot_number);
  const places = Math.min(p.max_runs[index] ?? 0, (p.capacities[index] ?? 0) - running);
  const ids = (p.tasks[index] ?? 0) * Math.max(0, places);
  return {
    dag_id: group.dag_id,
    running,
    low_slot: slots.length > 0 ? String(Math.min(...slots)) : tables.nextId(),
    now,
    is_paused: tables.dags.get(group.dag_id)?.is_paused ?? false,
    may_start: tables.processes.get(p.process_id ?? "")?.state === "alive",
    is_capped: false,
    instance_ids: Array.from({ length: ids }, () => tables.nextId()),
  };
}

/** What queued runs are started with. */
export const startQueries = {
  DagRunQueuedLock: (tables: Tables, p: QueuedFrom, now: Date) =>
    ofEach(p, (group, index) => queuedOf(tables, p, now, group, index)),

  DagRunPlaces: (tables: Tables, p: PlacesWanted, now: Date) =>
    ofEach(p, (group, index) => [placesOf(tables, p, now, group, index)]),

  DagRunStart: (tables: Tables, p: { readonly dag_run_ids: readonly string[] }, now: Date) => {
    const runs = tables.runs.some(p.dag_run_ids).filter((run) => run.state === "queued");
    for (const run of runs) startRun(tables, run, now);
    return runs;
  },

  DagRunBegin: (
    tables: Tables,
    p: Readonly<Record<"runs" | "instances" | "ready", string>> & {
      readonly run_count: number;
      readonly now: Date;
    },
  ) => {
    const begun = rowsOf<RunBegin>(p.runs).filter(({ id, changed, times_out_at }) => {
      const run = tables.runs.get(id);
      if (run?.state !== "queued" || run.changed !== changed) return false;
      const slot_number = Number(tables.nextId());
      const counted = { changed: changed + 1, decided: changed + 1, slot_number };
      tables.runs.update(run, { state: "running", started_at: p.now, times_out_at, ...counted });
      tellLater(tables, run);
      return true;
    });
    if (begun.length < p.run_count) throw notWhole();
    for (const { id, lease, ...row } of rowsOf<InstanceBegin>(p.instances)) {
      tables.instances.insert(newInstance({ ...row, task_instance_id: id, lease_token: lease }));
    }
    for (const row of rowsOf<ReadyRow>(p.ready)) tables.ready.insert(row);
    return [{ is_whole: 1 }];
  },
};
