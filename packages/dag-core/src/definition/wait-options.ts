import type { z } from "zod";
import type { Duration } from "../kernel/duration.ts";
import type { TaskContext } from "./context.ts";
import type { DagRunState } from "./states.ts";
import type { Inputs, InputValues } from "./task-ref.ts";
import type { ExecutionOptions, PlacementOptions } from "./execution-options.ts";

type Context<P, I extends Inputs> = TaskContext<P, InputValues<I, "all_success">>;
type FinalRunState = Extract<DagRunState, "success" | "failed" | "cancelled">;

/** What tasks that wait for something outside their run may say of how they are run; `timeout` is that of the wait. */
type WaitingOptions<I extends Inputs> = Omit<ExecutionOptions, "timeout"> &
  PlacementOptions<I> & {
    /** Longest time it waits; then it fails with reason `timeout` and is not retried. Defaults to no limit. */
    readonly timeout?: Duration;
  };

/**
 * A task that waits for a named event, without a process and without a slot; its output is the payload of the event.
 *
 * @example waitForEvent("approved", { event: ({ params }) => `orders.approved.${params.region}`, timeout: "6h" })
 */
export type WaitForEventOptions<P, I extends Inputs, O> = WaitingOptions<I> & {
  /** Name of the event, or what computes it when the task begins. */
  readonly event: string | ((ctx: Context<P, I>) => string | Promise<string>);
  /**
   * Which events count: those sent since the run was created (`run`), since the start of its data interval
   * (`interval`), or any that is still kept (`kept`). Defaults to `run`.
   */
  readonly since?: "run" | "interval" | "kept";
  /** Parses the payload where a later task reads it. */
  readonly output?: z.ZodType<O>;
};

/** Which ends of another run a task goes on after. */
export interface RunWaitOptions {
  /** Final states that it succeeds with. Defaults to `["success"]`. */
  readonly states?: readonly FinalRunState[];
  /** At any other end: fail, or wait on until the run was cleared and ends again. Defaults to `fail`. */
  readonly onFailure?: "fail" | "wait";
}

/** What a task puts out that has to do with a run of another DAG. */
export interface OtherRun {
  readonly dagId: string;
  readonly runId: string;
  /** `queued` when the run was made and not waited for, else the state that it ended in. */
  readonly state: DagRunState;
}

/**
 * A task that waits for the end of the run of another DAG that covers an interval, without a process and without a
 * slot. The run need not exist yet.
 *
 * @example waitForRun("wait_raw", { dag: "raw", interval: "same", timeout: "12h" })
 */
export type WaitForRunOptions<P, I extends Inputs> = WaitingOptions<I> &
  RunWaitOptions & {
    readonly dag: string;
    /** The interval, by its start: that of the own interval, or what computes it. Defaults to `same`. */
    readonly interval?: "same" | ((ctx: Context<P, I>) => Date | Promise<Date>);
  };

/**
 * A task that makes a run of another DAG, once until the task is cleared, in the transaction of its own end.
 *
 * @example triggerDag("start_marts", { dag: "marts", interval: "same", wait: true })
 */
export type TriggerDagOptions<P, I extends Inputs> = WaitingOptions<I> &
  RunWaitOptions & {
    readonly dag: string;
    /** Params of the run, or what computes them. Defaults to `{}`. */
    readonly params?:
      | Readonly<Record<string, unknown>>
      | ((
          ctx: Context<P, I>,
        ) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>);
    /** Makes a run about the interval of the other DAG at that instant. Defaults to a run without an interval. */
    readonly interval?: "same" | ((ctx: Context<P, I>) => Date | Promise<Date>);
    /** Whether to wait for the end of the run; `timeout`, `states` and `onFailure` are about that. Defaults to false. */
    readonly wait?: boolean;
  };
