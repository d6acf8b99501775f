import { toError } from "./errors.ts";

interface OfDag {
  readonly dagId: string;
}
interface OfRun extends OfDag {
  readonly runId: string;
  /** Why the state was reached, where the state alone does not say it. */
  readonly reason?: string | undefined;
}
interface OfTaskInstance extends OfRun {
  readonly taskId: string;
  /** -1, or absent, for a task that is not mapped. */
  readonly mapIndex?: number | undefined;
  readonly tryNumber: number;
}
interface Ended {
  readonly durationMs?: number | undefined;
}
interface Failed {
  /** Class and message, redacted by whoever raised it. */
  readonly error?: string | undefined;
}
interface OfProcess {
  readonly processId: string;
}
interface OfAlerts {
  readonly channel: string;
  /** How many alerts the message told of. */
  readonly alerts: number;
}

/**
 * What an engine tells of itself, by name: a subject and what happened to it. What people did (a pause, a clear, a
 * backfill) is in the table `event`, by names of the same form.
 */
export interface EventMap {
  "dag.registered": OfDag & { readonly versionHash: string };
  "dag.import_failed": Failed & { readonly file: string };
  /** The import is still under way after this time. */
  "dag.import_slow": { readonly file: string; readonly afterMs: number };
  "dag_run.created": OfRun & { readonly runType: string };
  "dag_run.started": OfRun;
  "dag_run.succeeded": OfRun & Ended;
  "dag_run.failed": OfRun & Ended;
  "dag_run.cancelled": OfRun & Ended;
  "task_instance.started": OfTaskInstance;
  "task_instance.succeeded": OfTaskInstance & Ended;
  "task_instance.failed": OfTaskInstance & Ended & Failed;
  "task_instance.retry_scheduled": OfTaskInstance & Failed & { readonly wakeAt?: string };
  "task_instance.rescheduled": OfTaskInstance & { readonly wakeAt?: string };
  "task_instance.skipped": OfTaskInstance;
  "task_instance.rescued": OfTaskInstance;
  /** An attempt ended after its lease was gone; what it brought was dropped. */
  "task_instance.result_dropped": OfTaskInstance;
  "scheduler.started": OfProcess;
  "scheduler.stopped": OfProcess;
  "scheduler.tick_finished": Ended & { readonly runsCreated?: number };
  "scheduler.tick_failed": Failed & { readonly dagId?: string; readonly dagRunId?: string };
  "worker.started": OfProcess;
  "worker.stopped": OfProcess;
  "process.lost": OfProcess;
  "task_log.write_failed": Failed;
  "maintenance.failed": Failed;
  "database.lost": Failed;
  "database.recovered": Ended;
  /** What was asked for in SQL broke a rule; the row in `event` says which. */
  "request.refused": OfDag & Failed & { readonly verb: string };
  "backfill.completed": OfDag & { readonly backfillId: string; readonly state: string };
  "alert.logged": { readonly text: string };
  "alert.sent": OfAlerts;
  /** An earlier message was changed to tell of them too. */
  "alert.added": OfAlerts;
  /** An earlier message has said it already. */
  "alert.folded": OfAlerts;
  "alert.postponed": OfAlerts & Failed & { readonly delayMs?: number | undefined };
  /** The answer to a send never came: the message may have arrived. */
  "alert.uncertain": OfAlerts & Failed & { readonly delayMs?: number | undefined };
  "alert.failed": OfAlerts & Failed & { readonly delayMs?: number | undefined };
  "sender.round_failed": Failed;
  "watch.round_failed": Failed;
  "bus.listener_failed": Failed & { readonly of: EventName };
}
export type EventName = keyof EventMap;

/** One event: its name, its moment and its facts. */
export type EngineEvent<N extends EventName = EventName> = {
  [K in N]: EventMap[K] & { readonly event: K; readonly at: Date };
}[N];

export type EventListener<N extends EventName> = (event: EngineEvent<N>) => unknown;

/** Facts that an event must have, or a question about it. */
export type EventMatch<N extends EventName> =
  Partial<EventMap[N]> | ((event: EngineEvent<N>) => boolean);

export interface NextOptions {
  readonly signal?: AbortSignal;
  /** How long to wait, in milliseconds. Defaults to 30,000. */
  readonly deadlineMs?: number;
}

type AnyListener = (event: EngineEvent) => unknown;
const everything = "*";

/** Hands events to whoever listens. What a listener does wrong never reaches the emitter. */
export class EventBus {
  readonly #listeners = new Map<string, Set<AnyListener>>();

  /**
   * Listens to one kind of event, or with `"*"` to all.
   *
   * @returns a function that ends the listening
   */
  on<N extends EventName>(name: N, listener: EventListener<N>): () => void;
  on(name: "*", listener: EventListener<EventName>): () => void;
  on(name: EventName | "*", listener: (event: never) => unknown): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as AnyListener));
    return () => this.off(name, listener);
  }

  off(name: EventName | "*", listener: (event: never) => unknown): void {
    this.#listeners.get(name)?.delete(listener as AnyListener);
  }

  /** @example bus.emit("dag_run.started", { dagId: "orders", runId: "manual__1" }) */
  emit<N extends EventName>(name: N, facts: EventMap[N]): void {
    const event = Object.freeze({ event: name, at: new Date(), ...facts }) as EngineEvent;
    for (const key of [name, everything]) {
      for (const listener of [...(this.#listeners.get(key) ?? [])]) this.#call(listener, event);
    }
  }

  #call(listener: AnyListener, event: EngineEvent): void {
    const failed = (thrown: unknown): void => {
      // The listener of this event would be told of its own failure for ever.
      if (event.event === "bus.listener_failed") return;
      this.emit("bus.listener_failed", { of: event.event, error: String(toError(thrown)) });
    };
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /**
   * Waits for the next event of a name that matches; earlier ones do not count.
   *
   * @throws Error when the deadline passes, with what was seen instead; the signal's reason when it aborts.
   * @example await bus.next("task_instance.succeeded", { taskId: "load" })
   */
  next<N extends EventName>(
    name: N,
    match: EventMatch<N> = {},
    options: NextOptions = {},
  ): Promise<EngineEvent<N>> {
    const { signal, deadlineMs = 30_000 } = options;
    const seen: EngineEvent[] = [];
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        stop();
        signal?.removeEventListener("abort", aborted);
        finish();
      };
      const aborted = (): void => settle(() => reject(toError(signal?.reason)));
      const late = (): void => settle(() => reject(new Error(missed(name, match, seen))));
      const timer = setTimeout(late, deadlineMs);
      const stop = this.on("*", (event) => {
        if (isMatch(event, name, match)) settle(() => resolve(event as EngineEvent<N>));
        else seen.push(event);
      });
      if (signal?.aborted) aborted();
      else signal?.addEventListener("abort", aborted, { once: true });
    });
  }
}

function isMatch<N extends EventName>(event: EngineEvent, name: N, match: EventMatch<N>): boolean {
  if (event.event !== name) return false;
  if (typeof match === "function") return match(event as EngineEvent<N>);
  const facts: Readonly<Record<string, unknown>> = { ...event };
  return Object.entries(match).every(([key, value]) => facts[key] === value);
}

const mostShown = 20;

function missed(name: EventName, match: object, seen: readonly EngineEvent[]): string {
  const wanted = typeof match === "function" ? "of a certain kind" : JSON.stringify(match);
  const shown = seen
    .slice(-mostShown)
    .map((event) => `\n  ${JSON.stringify({ ...event, at: undefined })}`);
  const rest = seen.length > mostShown ? ` (the last ${mostShown} of ${seen.length})` : "";
  return `Event "${name}" ${wanted} did not come in time; seen instead${rest}: ${shown.join("") || "nothing"}`;
}
