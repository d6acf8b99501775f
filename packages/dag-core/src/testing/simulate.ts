import type { Dag } from "../definition/dag.ts";
import { tidemillError } from "../kernel/errors.ts";
import { parseDate } from "../timetable/parse-date.ts";
import type { AttemptPlan, SimulatedEvent } from "./simulation/simulated-attempt.ts";
import { type SimulationLog, simulationLog } from "./simulation/simulation-log.ts";
import { SimulatedScheduler } from "./simulation/simulated-scheduler.ts";

export interface SimulateOptions extends AttemptPlan {
  /** When the DAGs are first loaded and the scheduler starts; a date in UTC, or an instant with offset. */
  readonly from: Date | string;
  /** When the simulation stops; what is under way then stays so. */
  readonly to: Date | string;
  /** Decides what is left to chance. Defaults to 1. */
  readonly seed?: number | undefined;
  /** How long an attempt takes. Defaults to `"1m"` for each. */
  readonly durations?: AttemptPlan["durations"];
  /** Which attempts fail: the part of them, from 0 to 1, or a choice. Retries follow the task's policy. Defaults to 0. */
  readonly failures?: AttemptPlan["failures"];
  /** What attempts come to that succeed: a branch's case, a skip, a sensor that asks again, the length of a list, events. */
  readonly results?: AttemptPlan["results"];
  /** Slots of the pools that tasks name. */
  readonly pools?: Readonly<Record<string, number>> | undefined;
  /** Most attempts at once. Defaults to 1000. */
  readonly slots?: number | undefined;
  /** Times without any scheduler. What ends meanwhile is recorded afterwards, and `catchup` says what is run late. */
  readonly outages?:
    readonly { readonly from: Date | string; readonly to: Date | string }[] | undefined;
  /** Events that are sent from outside, for tasks whose `results` name what they wait for. */
  readonly events?: readonly (SimulatedEvent & { readonly at: Date | string })[] | undefined;
}

const defaultSlots = 1_000;

/**
 * Lets the engine's own scheduler run DAGs in virtual time, over a store in memory: ninety days of twenty DAGs take
 * about a second. The functions of tasks are not called; how long attempts take and how they end is said here. So a
 * test can tell when runs start and for which intervals, what retries and limits come to, and what alerts there would be.
 * The same options give the same log.
 *
 * @throws TidemillError `TIDEMILL_DATE_INVALID`, `TIDEMILL_DURATION_INVALID`; `TIDEMILL_INPUT_INVALID` for a range that
 *   is backward and for a DAG that names a pool or a DAG which is not given.
 * @example
 * const log = await simulate([ordersDaily], {
 *   from: "2026-03-28",
 *   to: "2026-04-02",
 *   durations: ({ taskId }) => (taskId === "load" ? "40m" : "2m"),
 *   failures: ({ taskId, tryNumber }) => taskId === "load" && tryNumber === 1,
 * });
 * expect(log.runs.map((run) => run.startedAt?.toISOString())).toEqual([...]);
 * expect(log.tries.filter((one) => one.state === "up_for_retry")).toHaveLength(5);
 */
export async function simulate(
  dags: readonly Dag[],
  options: SimulateOptions,
): Promise<SimulationLog> {
  const range = rangeOrThrow(options);
  const scheduler = new SimulatedScheduler({
    ...range,
    plan: options,
    seed: options.seed ?? 1,
    pools: options.pools ?? {},
    slots: options.slots ?? defaultSlots,
    outages: (options.outages ?? []).map(rangeOrThrow),
    events: (options.events ?? []).map((event) => ({ ...event, at: instant(event.at) })),
  });
  await scheduler.load(dags.map((dag) => dag.manifest));
  await scheduler.run();
  return simulationLog(scheduler.tables);
}

const instant = (at: Date | string): Date => (typeof at === "string" ? parseDate(at, "UTC") : at);

function rangeOrThrow(range: { readonly from: Date | string; readonly to: Date | string }) {
  const from = instant(range.from);
  const to = instant(range.to);
  if (from <= to) return { from, to };
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The range from ${from.toISOString()} to ${to.toISOString()}`,
    problem: "ends before it begins",
    remedy: "swap the two",
  });
}
