import type { z } from "zod";
import type { Duration } from "../kernel/duration.ts";
import type { JsonResult, JsonValue } from "../kernel/json.ts";
import type { TaskContext } from "./context.ts";
import type { ExecutionOptions, PlacementOptions } from "./execution-options.ts";
import type { BranchRef, Chosen, Inputs, InputValues, SetupRef, TaskRef } from "./task-ref.ts";
import type { TriggerRule } from "./trigger-rule.ts";
import type {
  OtherRun,
  TriggerDagOptions,
  WaitForEventOptions,
  WaitForRunOptions,
} from "./wait-options.ts";

/**
 * A task: what it reads, when it may run, how it is retried, what it does.
 *
 * @example task("load", { inputs: { orders }, retries: 3, retryDelay: "5m", run: ({ inputs }) => save(inputs.orders) })
 */
export interface TaskOptions<P, I extends Inputs, R extends TriggerRule, O>
  extends ExecutionOptions, PlacementOptions<I> {
  /** Upstream states that let it run. Defaults to `all_success`. */
  readonly triggerRule?: R;
  /** Parses the stored output where a later task reads it: for outputs that outlive a deploy. */
  readonly output?: z.ZodType<NoInfer<O>>;
  readonly run: (ctx: TaskContext<P, InputValues<I, R>>) => JsonResult<O>;
}

/**
 * A task that takes away what setups made. It runs when all before it have ended, unless none of its setups succeeded;
 * also in a run that failed, was marked, was cancelled or ran out of time. It does not decide how its run ends.
 *
 * @example const cluster = setup("create_cluster", { run: createCluster });
 * const work = task("work", { inputs: { cluster }, run: ({ inputs }) => compute(inputs.cluster) });
 * teardown("delete_cluster", { of: [cluster], after: [work], run: deleteCluster });
 */
export interface TeardownOptions<P, I extends Inputs, R extends TriggerRule, O> extends TaskOptions<
  P,
  I,
  R,
  O
> {
  /** The setups whose work it takes away; it follows them. */
  readonly of?: readonly SetupRef[];
  /** Upstream states that let it run. Defaults to `all_done_setup_success`. */
  readonly triggerRule?: R;
  /** Whether its failure fails the run. Defaults to false. */
  readonly onFailureFailsRun?: boolean;
}

/**
 * A task that chooses which of the tasks after it run: those whose `when` names a case that `run` returns, and what
 * follows them. It may return several cases; undefined or an empty list skips every task with a case.
 *
 * @example const mode = branch("mode", { cases: ["full", "increment"], run: () => "full" });
 * task("rebuild", { when: mode.is("full"), run: rebuild });
 */
export interface BranchOptions<P, I extends Inputs, Case extends string, O extends Chosen<Case>>
  extends ExecutionOptions, PlacementOptions<I> {
  readonly cases: readonly Case[];
  readonly run: (ctx: TaskContext<P, InputValues<I, "all_success">>) => O | Promise<O>;
}

/**
 * A task that asks whether to go on. False skips what follows, teardowns excepted; the answer holds until it is cleared
 * itself.
 *
 * @example const isOpen = shortCircuit("is_market_open", { run: ({ logicalDate }) => isWeekday(logicalDate) });
 * task("load_prices", { after: [isOpen], run: loadPrices });
 */
export interface ShortCircuitOptions<P, I extends Inputs>
  extends ExecutionOptions, PlacementOptions<I> {
  /**
   * Whether false skips all tasks that follow, near and far, whatever their trigger rules; else it skips those that
   * follow directly, and rules decide on the rest. Defaults to true.
   */
  readonly ignoreDownstreamTriggerRules?: boolean;
  readonly run: (ctx: TaskContext<P, InputValues<I, "all_success">>) => boolean | Promise<boolean>;
}

/**
 * A task that runs once for each item of a list; its output is the list of what they returned.
 *
 * @example each("copy", { over: ["users", "orders"], maxActive: 4, run: ({ item }) => copy(item) })
 */
export interface EachOptions<P, T, I extends Inputs, O>
  extends ExecutionOptions, PlacementOptions<I> {
  /** The list: a task's output, or the list itself. One instance runs for each item. */
  readonly over: TaskRef<readonly T[]> | readonly T[];
  /** Most instances that may run at once within a run. Defaults to no limit. */
  readonly maxActive?: number;
  /** Parses each stored output where a later task reads them. */
  readonly output?: z.ZodType<NoInfer<O>>;
  readonly run: (
    ctx: TaskContext<P, InputValues<I, "all_success">> & {
      readonly item: T;
      readonly index: number;
    },
  ) => JsonResult<O>;
}

/**
 * A task that asks again and again until `poke` returns something, which is its output.
 *
 * @example sensor("file_there", { every: "1m", timeout: "6h", poke: () => findFile() })
 */
export interface SensorOptions<P, I extends Inputs, O>
  extends ExecutionOptions, PlacementOptions<I> {
  /** Time between two pokes; the sensor holds no slot in between. */
  readonly every: Duration;
  /** Time from the first poke after which it fails. */
  readonly timeout: Duration;
  /** Parses the stored output where a later task reads it. */
  readonly output?: z.ZodType<NonNullable<NoInfer<O>>>;
  /** Return undefined to be asked again. */
  readonly poke: (
    ctx: TaskContext<P, InputValues<I, "all_success">>,
  ) => JsonResult<O> | undefined | Promise<undefined>;
}

/** The ways to declare tasks; handed to the third argument of `dag`. */
export interface DagBuilder<P> {
  task<O, I extends Inputs = {}, const R extends TriggerRule = "all_success">(
    taskId: string,
    options: TaskOptions<P, I, R, O>,
  ): TaskRef<O>;
  /** A task that makes something for the tasks after it, until a {@link TeardownOptions teardown} takes it away. */
  setup<O, I extends Inputs = {}, const R extends TriggerRule = "all_success">(
    taskId: string,
    options: TaskOptions<P, I, R, O>,
  ): SetupRef<O>;
  teardown<O, I extends Inputs = {}, const R extends TriggerRule = "all_done_setup_success">(
    taskId: string,
    options: TeardownOptions<P, I, R, O>,
  ): TaskRef<O>;
  branch<const Case extends string, const O extends Chosen<NoInfer<Case>>, I extends Inputs = {}>(
    taskId: string,
    options: BranchOptions<P, I, Case, O>,
  ): BranchRef<Case, O>;
  shortCircuit<I extends Inputs = {}>(
    taskId: string,
    options: ShortCircuitOptions<P, I>,
  ): TaskRef<boolean>;
  each<T, O, I extends Inputs = {}>(taskId: string, options: EachOptions<P, T, I, O>): TaskRef<O[]>;
  sensor<O, I extends Inputs = {}>(
    taskId: string,
    options: SensorOptions<P, I, O>,
  ): TaskRef<NonNullable<O>>;
  /** Waits for a named event, without a process; its output is the event's payload. */
  waitForEvent<O = JsonValue, I extends Inputs = {}>(
    taskId: string,
    options: WaitForEventOptions<P, I, O>,
  ): TaskRef<O>;
  /** Waits for the end of a run of another DAG, without a process. */
  waitForRun<I extends Inputs = {}>(
    taskId: string,
    options: WaitForRunOptions<P, I>,
  ): TaskRef<OtherRun>;
  /** Makes a run of another DAG, in the transaction of its own end. */
  triggerDag<I extends Inputs = {}>(
    taskId: string,
    options: TriggerDagOptions<P, I>,
  ): TaskRef<OtherRun>;
  /** Prefixes the ids of what its body declares with `groupId.` and returns what the body returns. */
  group<R>(groupId: string, define: (builder: DagBuilder<P>) => R): R;
}
