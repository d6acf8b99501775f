import type { JsonValue } from "../../kernel/json.ts";
import { finishedRunStates } from "../../definition/states.ts";
import { byId, keyOf, type NamedEventRow, type RunRow, type Tables } from "./tables.ts";

interface SentEvent {
  readonly name: string;
  readonly payload: JsonValue;
  readonly event_key: string | null;
  readonly ttl_ms: number;
}

function send(tables: Tables, sent: SentEvent, now: Date): object {
  const { name, payload, event_key, ttl_ms } = sent;
  const ofName = [...tables.eventsOf(name)];
  if (event_key !== null && ofName.some((row) => row.event_key === event_key)) {
    return { named_event_id: null };
  }
  const named_event_id = tables.nextId();
  const expires_at = new Date(now.getTime() + ttl_ms);
  const row = { named_event_id, name, event_key, payload, sent_at: now, expires_at };
  tables.namedEvents.insert(row);
  wake(tables, `event:${name}`);
  return { named_event_id };
}

function wake(tables: Tables, wake_key: string): void {
  tables.wakes.insert({ wake_id: tables.nextId(), wake_key });
}

/** What the trigger of the table of runs does when one has ended. */
export function tellEnd(tables: Tables, run: RunRow): void {
  if (!tables.watched.has(run.dag_id)) return;
  wake(tables, `run:${run.dag_id}#${run.run_id}`);
  for (const { interval_start } of tables.intervalsOfRun(run.dag_run_id)) {
    wake(tables, `run:${run.dag_id}@${interval_start.toISOString()}`);
  }
}

interface EventWaits {
  readonly task_instance_ids: readonly string[];
  readonly names: readonly string[];
  readonly sinces: readonly Date[];
  readonly after_ids: readonly string[];
}

function endingEvent(tables: Tables, p: EventWaits, n: number, now: Date) {
  const since = p.sinces[n] ?? now;
  const counts = (row: NamedEventRow) =>
    byId(row.named_event_id, p.after_ids[n] ?? "0") > 0 &&
    row.sent_at >= since &&
    row.expires_at > now;
  return [...tables.eventsOf(p.names[n] ?? "")].find(counts);
}

interface RunWaits {
  readonly task_instance_ids: readonly string[];
  readonly dag_ids: readonly string[];
  readonly run_ids: readonly (string | null)[];
  readonly starts: readonly (Date | null)[];
}

function awaitedRuns(tables: Tables, p: RunWaits, n: number): readonly RunRow[] {
  const dagId = p.dag_ids[n] ?? "";
  const start = p.starts[n] ?? null;
  const byName = tables.runByName(keyOf(dagId, p.run_ids[n] ?? ""));
  const covering = start === null ? undefined : tables.intervals.get(keyOf(dagId, start));
  return [...byName, ...tables.runs.some(covering ? [covering.dag_run_id] : [])];
}

/** What tasks wait for events and for runs of other DAGs with. */
export const waitQueries = {
  EventSend: (tables: Tables, p: { readonly events: string }, now: Date) =>
    (JSON.parse(p.events) as readonly SentEvent[]).map((event) => send(tables, event, now)),

  WaitEvents: (tables: Tables, p: EventWaits, now: Date) =>
    p.task_instance_ids.flatMap((task_instance_id, n) => {
      const event = endingEvent(tables, p, n, now);
      if (!event) return [];
      const { named_event_id, payload } = event;
      return [{ task_instance_id, named_event_id, payload }];
    }),

  WaitRuns: (tables: Tables, p: RunWaits) =>
    p.task_instance_ids.flatMap((task_instance_id, n) =>
      awaitedRuns(tables, p, n)
        .filter((run) => finishedRunStates.has(run.state))
        .map(({ dag_id, run_id, state }) => ({ task_instance_id, dag_id, run_id, state })),
    ),

  WakeTell: (tables: Tables) => {
    const taken = [...tables.wakes.all()];
    const waiting = taken.flatMap(({ wake_key }) => [...tables.deferredBy(wake_key)]);
    const told = tables.runs.some([...new Set(waiting.map((row) => row.dag_run_id))]);
    for (const run of told) {
      if (run.state === "running") tables.runs.update(run, { needs_decision: true });
    }
    for (const row of taken) tables.wakes.delete(row);
    // Told all at once: the limits of the statement keep transactions short, and there is nobody to keep waiting.
    return [{ wakes: 0, runs: 0 }];
  },

  WatchedDagInsert: (tables: Tables, p: { readonly dag_ids: readonly string[] }) => {
    for (const dagId of p.dag_ids) tables.watched.add(dagId);
    return [];
  },
};
