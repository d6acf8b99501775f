import type { z } from "zod";
import type { Duration } from "../kernel/duration.ts";
import type { Schedule } from "../timetable/schedule-spec.ts";
import type { ExecutionOptions } from "./execution-options.ts";

export type { AssetSchedule, CronSchedule, Schedule } from "../timetable/schedule-spec.ts";

/** What a DAG may set for all of its tasks; a task's own option wins. */
export type TaskDefaults = Omit<ExecutionOptions, "description" | "concurrencyKey">;

/**
 * What people are told of.
 *
 * @example { onRetry: true, deadline: "2h" }
 */
export interface AlertOptions {
  /** Tasks and runs that failed for good. Defaults to true. */
  readonly onFailure?: boolean;
  /** The first success after a failure that was told, as an answer to it. Defaults to `onFailure`. */
  readonly onRecovery?: boolean;
  /** Every run that succeeded. Defaults to false. */
  readonly onSuccess?: boolean;
  /** Tries that failed and are repeated. Defaults to false. */
  readonly onRetry?: boolean;
  /** Time from `runAfter` after which a scheduled or manual run that has not ended is late. Defaults to none. */
  readonly deadline?: Duration;
  /** Intervals that the schedule passed over. Defaults to false. */
  readonly onMissed?: boolean;
  /** The end of each backfill. Defaults to false. */
  readonly onBackfillDone?: boolean;
}

/**
 * How a DAG is scheduled, limited and told of.
 *
 * @example { schedule: "0 3 * * *", timezone: "Europe/Berlin", startDate: "2026-01-01", catchup: "all" }
 */
export interface DagOptions<S extends z.ZodType> {
  readonly schedule: Schedule;
  /** IANA zone in which cron fields and bare dates are read. Defaults to `"UTC"`. */
  readonly timezone?: string;
  /** First moment that may be covered: a date in the DAG's zone, or an instant with offset. */
  readonly startDate: string;
  readonly endDate?: string;
  /**
   * Intervals missed while nobody scheduled: `none` runs none of them, `latest` the newest, `all` each one.
   * Defaults to `latest`.
   */
  readonly catchup?: "none" | "latest" | "all";
  /**
   * Per-run input, checked when a run is asked for and when it starts. A default is a constant: one that changes from
   * import to import would make each import a new version of the DAG.
   */
  readonly params?: S;
  readonly defaults?: TaskDefaults;
  /** Most runs at once. Defaults to 16. */
  readonly maxActiveRuns?: number;
  /**
   * `maxBatch` is the most contiguous intervals that one run of a backfill may cover: for tasks that read
   * `ctx.dataInterval` as a span or go through `ctx.intervals`, and none that depends on its past. Defaults to 1.
   */
  readonly backfill?: { readonly maxBatch: number };
  /** Most tasks of one run at once. Defaults to no limit. */
  readonly maxActiveTasks?: number;
  /** Most tasks of the DAG at once, over all its runs. Defaults to no limit. */
  readonly maxActiveTasksPerDag?: number;
  /** Longest time a run may take from its start. */
  readonly timeout?: Duration;
  /**
   * Failed runs in a row, by the time from which they might start, after which the DAG is paused. Defaults to no
   * limit.
   */
  readonly maxConsecutiveFailedRuns?: number;
  /** `leaves` judges a run by its last tasks, `any_failure` by all of them. Defaults to `leaves`. */
  readonly runState?: "leaves" | "any_failure";
  /**
   * Whether the first task that fails for good ends the run: what runs is aborted and has failed, the rest is skipped,
   * teardowns excepted. Tasks may then have no trigger rule but `all_success`. Defaults to false.
   */
  readonly failFast?: boolean;
  readonly tags?: readonly string[];
  readonly owner?: string;
  readonly description?: string;
  /** What people are told of. Defaults to final failures, and to the first success after them. */
  readonly alerts?: AlertOptions;
}
