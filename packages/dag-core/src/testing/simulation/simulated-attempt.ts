import type { TaskManifest } from "../../definition/manifest.ts";
import type { Outcome, SentEvent } from "../../definition/outcome.ts";
import { wakeKey } from "../../definition/wake-key.ts";
import { type Duration, durationMs } from "../../kernel/duration.ts";
import type { JsonValue } from "../../kernel/json.ts";
import type { DagGraph } from "../../rules/dag-graph.ts";
import type { InstanceState } from "../../rules/run-state.ts";
import type { DagRunFactsRow } from "../../store/rows.ts";
import { randomFrom, textHash } from "./random.ts";

/** An attempt of a simulation: what it is of, and a number that the seed decides for it. */
export interface SimulatedAttempt {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  /** -1 for a task that is not mapped. */
  readonly mapIndex: number;
  /** 1 for the first. */
  readonly tryNumber: number;
  /** Null for a run without one. */
  readonly logicalDate: Date | null;
  readonly dataInterval: { readonly start: Date; readonly end: Date };
  readonly startedAt: Date;
  /** In [0, 1); the same for the same seed, whatever else is simulated. */
  readonly random: number;
}

/** What an attempt comes to, where that is not a plain success. */
export interface SimulatedResult {
  /** It skips itself. */
  readonly skip?: boolean;
  /** A sensor finds nothing and asks again. */
  readonly again?: boolean;
  /** A branch chooses this case. Defaults to one that the seed decides. */
  readonly choice?: string;
  /** A short-circuit lets nothing follow. */
  readonly stop?: boolean;
  /** Length of the list that a task yields for others to map over. Defaults to 3. */
  readonly items?: number;
  /** Events that it sends with its success. */
  readonly sends?: readonly SimulatedEvent[];
  /**
   * A `waitForEvent` waits for an event of this name, sent by a task or by `events`. Without a name the event comes
   * from outside of what is simulated, after what `durations` says.
   */
  readonly event?: string;
  /** A `waitForRun` waits for the run of the interval that starts here. Defaults to the start of its own interval. */
  readonly interval?: Date;
  /** What a `triggerDag` asks for. Defaults to a run without an interval and no params. */
  readonly trigger?: { readonly params?: JsonValue; readonly interval?: Date };
}

export interface SimulatedEvent {
  readonly name: string;
  /** Defaults to `null`. */
  readonly payload?: JsonValue;
}

export interface AttemptPlan {
  readonly durations?: Duration | ((attempt: SimulatedAttempt) => Duration) | undefined;
  readonly failures?: number | ((attempt: SimulatedAttempt) => boolean) | undefined;
  readonly results?: ((attempt: SimulatedAttempt) => SimulatedResult | undefined) | undefined;
}

export interface Started {
  readonly facts: DagRunFactsRow;
  readonly graph: DagGraph;
  readonly instance: Pick<InstanceState, "taskId" | "mapIndex" | "tryNumber" | "handOff">;
  readonly now: Date;
  readonly seed: number;
}

const defaultDuration = "1m";
const defaultItems = 3;
/** Nothing takes no time: a DAG that runs continuously would never let an instant end. */
const leastMs = 1;

/** How long an attempt takes and how it ends. */
export function simulateAttempt(
  started: Started,
  plan: AttemptPlan,
): { ms: number; outcome: Outcome } {
  const task = started.graph.tasks.get(started.instance.taskId);
  const attempt = attemptOf(started);
  const { durations = defaultDuration } = plan;
  const wanted = durationMs(typeof durations === "function" ? durations(attempt) : durations);
  const ms = Math.max(leastMs, wanted);
  const timeoutMs = task?.kind === "sensor" ? undefined : task?.timeoutMs;
  if (timeoutMs !== undefined && ms > timeoutMs)
    return { ms: timeoutMs, outcome: failure("timeout") };
  const outcome = task ? outcomeOf(attempt, task, plan) : failure("error");
  // A wait takes as long as it takes; its attempt only begins it.
  return { ms: outcome.kind === "defer" ? leastMs : ms, outcome };
}

function attemptOf({ facts, instance, now, seed }: Started): SimulatedAttempt {
  const { taskId, mapIndex, tryNumber, handOff } = instance;
  const identity = JSON.stringify([
    facts.dag_id,
    facts.run_id,
    taskId,
    mapIndex,
    tryNumber,
    handOff,
  ]);
  return {
    dagId: facts.dag_id,
    runId: facts.run_id,
    taskId,
    mapIndex,
    tryNumber,
    logicalDate: facts.logical_date,
    dataInterval: { start: facts.data_interval_start, end: facts.data_interval_end },
    startedAt: now,
    random: randomFrom(textHash(identity, seed))(),
  };
}

function outcomeOf(attempt: SimulatedAttempt, task: TaskManifest, plan: AttemptPlan): Outcome {
  const { failures = 0, results } = plan;
  const hasFailed = typeof failures === "function" ? failures(attempt) : attempt.random < failures;
  if (hasFailed) return failure("error");
  const result = results?.(attempt) ?? {};
  if (result.skip === true) return { kind: "skipped", message: "Simulated skip" };
  if (result.again === true && task.kind === "sensor") {
    return { kind: "reschedule", afterMs: task.pokeEveryMs ?? 0 };
  }
  const outward = outwardOutcome(attempt, task, result);
  if (outward) return outward;
  const cases = task.cases ?? [];
  // A number of its own: that an attempt did not fail says where `random` lies.
  const other = randomFrom(Math.floor(attempt.random * 2 ** 32))();
  const choice = result.choice ?? cases[Math.floor(other * cases.length)];
  return {
    kind: "success",
    listLength: result.items ?? defaultItems,
    ...(task.kind === "short_circuit" && result.stop === true && { choices: [] }),
    ...(task.kind === "branch" && choice !== undefined && { choices: [choice] }),
    ...(result.sends && { events: result.sends.map((event, n) => sentEvent(attempt, event, n)) }),
  };
}

/** What a task asks for that looks beyond its run; undefined where that is outside of what is simulated. */
function outwardOutcome(
  { dataInterval }: SimulatedAttempt,
  { kind, target: dagId }: TaskManifest,
  { event, interval, trigger = {} }: SimulatedResult,
): Outcome | undefined {
  if (kind === "wait_event" && event !== undefined) {
    return { kind: "defer", wakeKey: wakeKey({ kind: "event", name: event }) };
  }
  if (kind === "wait_run" && dagId !== undefined) {
    const start = interval ?? dataInterval.start;
    return { kind: "defer", wakeKey: wakeKey({ kind: "interval", dagId, start }) };
  }
  if (kind !== "trigger" || dagId === undefined) return undefined;
  const params = JSON.stringify(trigger.params ?? {});
  const about = trigger.interval && { interval: trigger.interval.toISOString() };
  return { kind: "trigger", dagId, params, ...about };
}

const eventTtlMs = durationMs("7d");

/** The key is the engine's: an attempt that is repeated sends nothing twice. */
function sentEvent(
  attempt: SimulatedAttempt,
  { name, payload = null }: SimulatedEvent,
  n: number,
): SentEvent {
  const { dagId, runId, taskId, mapIndex } = attempt;
  const key = JSON.stringify([dagId, runId, taskId, mapIndex, n]);
  return { name, payload: JSON.stringify(payload), key, ttlMs: eventTtlMs };
}

function failure(reason: "error" | "timeout"): Outcome {
  const error = { class: "SimulatedFailure", message: "The simulation lets this attempt fail" };
  return { kind: "failed", reason, error, retry: "policy" };
}
