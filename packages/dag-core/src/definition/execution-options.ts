import type { Asset } from "../kernel/asset.ts";
import type { Duration } from "../kernel/duration.ts";
import type { BranchCase, Inputs, TaskRef } from "./task-ref.ts";

/** How the delay between tries grows and spreads. */
export interface RetryPolicy {
  /** Tries after the first. Defaults to 0. */
  readonly retries?: number;
  /** Delay before the next try. Defaults to `"5m"`. */
  readonly retryDelay?: Duration;
  /** `fixed` keeps the delay; `exponential` doubles it with each try since the last clear. Defaults to `fixed`. */
  readonly retryBackoff?: "fixed" | "exponential";
  /** Upper bound of a delay. Defaults to `"24h"`. */
  readonly maxRetryDelay?: Duration;
  /**
   * Spread of a delay: `none`; `equal`, half fixed and half random; `full`, all random; `airflow`, the deterministic
   * spread of Airflow's exponential retries. Defaults to `none` for `fixed`, `airflow` for `exponential`.
   */
  readonly retryJitter?: "none" | "equal" | "full" | "airflow";
}

/** What any kind of task may say of how it is run. */
export interface ExecutionOptions extends RetryPolicy {
  /** Longest time one try may run. Defaults to none. */
  readonly timeout?: Duration;
  /** Pool that a running try takes slots of. Defaults to `"default_pool"`, which is unlimited. */
  readonly pool?: string;
  /** Slots of the pool that it takes. Defaults to 1. */
  readonly poolSlots?: number;
  /** Higher is claimed first. Defaults to 1. */
  readonly priorityWeight?: number;
  /** How weights add up along the graph. Defaults to `downstream`. */
  readonly weightRule?: "downstream" | "upstream" | "absolute";
  /** Most instances of this task that may run at once, over all runs. Defaults to no limit. */
  readonly maxActivePerDag?: number;
  /** At most `limit` (default 1) running at once among all tasks with this key. */
  readonly concurrencyKey?: string | { readonly key: string; readonly limit: number };
  /**
   * Run only after the same task of the previous run, by logical date, has succeeded or was skipped. A run whose first
   * tasks all wait so has not started and takes no place of `maxActiveRuns`. Defaults to false.
   */
  readonly dependsOnPast?: boolean;
  /**
   * The same, and every task right after it in the previous run too has succeeded or was skipped. Includes
   * `dependsOnPast`. Defaults to false.
   */
  readonly waitForDownstream?: boolean;
  /**
   * `warm` shares a runner process with other tries; `fresh` gets a process of its own, killed at its timeout.
   * Defaults to `warm`.
   */
  readonly isolation?: "warm" | "fresh";
  /** A line for people. */
  readonly description?: string;
}

/** What every kind of task may say of its place in the graph. */
export interface PlacementOptions<I extends Inputs> {
  /** Upstream tasks whose outputs it reads: an edge and its data, said once. */
  readonly inputs?: I;
  /** Upstream tasks that it only waits for. */
  readonly after?: readonly TaskRef[];
  /**
   * Run only if a branch chose this case, or another that leads here. A task that names the branch in `after` or
   * `inputs` alone follows it whatever it chose.
   */
  readonly when?: BranchCase;
  /** Assets that its success updates: DAGs that are scheduled by them run. Defaults to none. */
  readonly outlets?: readonly Asset[];
}
