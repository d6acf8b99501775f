import type { Outcome } from "../definition/outcome.ts";
import { type Awaited, parseWakeKey } from "../definition/wake-key.ts";
import { runEnding, sinceOf } from "../rules/waits.ts";
import type { InstanceState } from "../rules/run-state.ts";
import type { Queryable } from "../store/database.ts";
import type { DagRunLockRow } from "../store/rows.ts";
import { waitEvents, waitRuns, wakeTell } from "../store/wait.ts";
import type { Hop } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";

interface OpenWait {
  readonly entry: RunEntry;
  readonly instance: InstanceState;
  readonly awaited: Awaited;
}

const maxWakesPerBatch = 100;
const maxRunsPerBatch = 2_000;
const maxBatches = 40;

/**
 * Ends the waits that are over, in runs that were told to look and in those where the time for a wait is. Runs without
 * deferred tasks cost nothing here.
 */
export async function endWaits(
  tx: Queryable,
  hop: Hop,
  locks: readonly DagRunLockRow[],
): Promise<void> {
  const open = locks.flatMap((lock) => openWaits(hop, lock));
  if (open.length === 0) return;
  const ends = new Map([...(await endsByEvent(tx, open)), ...(await endsByRun(tx, open))]);
  for (const { entry, instance } of open) {
    const end = ends.get(instance.taskInstanceId);
    if (end) hop.endWait(entry, instance, end.outcome, end.wokenBy);
  }
}

function openWaits(hop: Hop, lock: DagRunLockRow): readonly OpenWait[] {
  const entry = hop.entries.get(lock.dag_run_id);
  if (!entry) return [];
  const isDue = ({ wakeAt }: InstanceState) => wakeAt !== null && wakeAt <= hop.now;
  return [...entry.state.inState("deferred")]
    .filter((instance) => lock.needs_decision || isDue(instance))
    .flatMap((instance) =>
      instance.wakeKey === null
        ? []
        : [{ entry, instance, awaited: parseWakeKey(instance.wakeKey) }],
    );
}

interface WaitEnd {
  readonly outcome: Outcome;
  /** The event that ended it. */
  readonly wokenBy?: string;
}
type Ends = readonly (readonly [taskInstanceId: string, end: WaitEnd])[];

async function endsByEvent(tx: Queryable, open: readonly OpenWait[]): Promise<Ends> {
  const waits = open.flatMap(({ entry, instance, awaited }) =>
    awaited.kind !== "event"
      ? []
      : [
          {
            taskInstanceId: instance.taskInstanceId,
            name: awaited.name,
            since: sinceOf(waitOf(entry, instance), {
              createdAt: entry.facts.created_at,
              intervalStart: entry.facts.data_interval_start,
            }),
            after: instance.wokenBy,
          },
        ],
  );
  const rows = waits.length > 0 ? await waitEvents(tx, waits) : [];
  return rows.map(({ task_instance_id, named_event_id, payload }) => {
    const length = Array.isArray(payload) ? { listLength: payload.length } : {};
    const outcome: Outcome = { kind: "success", output: JSON.stringify(payload), ...length };
    return [task_instance_id, { outcome, wokenBy: named_event_id }];
  });
}

async function endsByRun(tx: Queryable, open: readonly OpenWait[]): Promise<Ends> {
  const waits = open.flatMap(({ instance: { taskInstanceId }, awaited }) => {
    if (awaited.kind === "event") return [];
    const { dagId } = awaited;
    const isById = awaited.kind === "run";
    const runId = isById ? awaited.runId : undefined;
    return [{ taskInstanceId, dagId, runId, intervalStart: isById ? undefined : awaited.start }];
  });
  const rows = waits.length > 0 ? await waitRuns(tx, waits) : [];
  const byId = new Map(open.map((one) => [one.instance.taskInstanceId, one]));
  return rows.flatMap(({ task_instance_id, dag_id, run_id, state }): Ends => {
    const one = byId.get(task_instance_id);
    const other = { dagId: dag_id, runId: run_id, state };
    const outcome = one && runEnding(waitOf(one.entry, one.instance), other);
    return outcome ? [[task_instance_id, { outcome }]] : [];
  });
}

/** Whether a task instance of a run begins to wait in this hop: what came before the commit of that is looked for after it. */
export function beginsWait({ state }: RunEntry): boolean {
  for (const instance of state.inState("deferred")) {
    const before = state.changes().get(instance);
    if (before && before.state !== "deferred") return true;
  }
  return false;
}

const waitOf = ({ state }: RunEntry, { taskId }: InstanceState) =>
  state.graph.tasks.get(taskId)?.waits ?? {};

/** Tells the runs that wait for what has happened, in batches, each a transaction of its own. */
export async function tellWakes(database: Queryable): Promise<void> {
  for (let batch = 0; batch < maxBatches; batch++) {
    const told = await wakeTell(database, { wakes: maxWakesPerBatch, runs: maxRunsPerBatch });
    if (told.wakes < maxWakesPerBatch && told.runs < maxRunsPerBatch) return;
  }
}
