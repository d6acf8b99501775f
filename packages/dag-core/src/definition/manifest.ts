import type { JsonValue } from "../kernel/json.ts";
import type { ScheduleSpec } from "../timetable/schedule-spec.ts";
import type { DagRunState } from "./states.ts";
import type { TriggerRule } from "./trigger-rule.ts";

export type { ScheduleSpec } from "../timetable/schedule-spec.ts";

export type TaskKind =
  "task" | "branch" | "short_circuit" | "each" | "sensor" | "wait_event" | "wait_run" | "trigger";

/** How long a task waits for something outside its run, and for which of it. */
export interface WaitManifest {
  readonly timeoutMs?: number;
  /** Of an event: from when on it counts. */
  readonly since?: "run" | "interval" | "kept";
  /** Of a run: final states that it succeeds with. */
  readonly states?: readonly DagRunState[];
  /** Of a run: what a final state does that is none of these. */
  readonly onFailure?: "fail" | "wait";
}

/** A task as JSON: what scheduler, store and rules know of it. */
export interface TaskManifest {
  readonly taskId: string;
  readonly kind: TaskKind;
  /** A setup makes something that others need; a teardown takes it away again, whatever became of them. */
  readonly role?: "setup" | "teardown";
  /** Role `teardown`: its failure fails the run. */
  readonly onFailureFailsRun?: boolean;
  /** Ids of all upstream tasks, each once, in order of declaration. */
  readonly upstream: readonly string[];
  /** Name of an input to the id of the task whose output it is. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The branch case under which it runs. */
  readonly when?: { readonly branch: string; readonly label: string };
  readonly triggerRule: TriggerRule;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly retryBackoff: "fixed" | "exponential";
  readonly maxRetryDelayMs: number;
  readonly retryJitter: "none" | "equal" | "full" | "airflow";
  readonly timeoutMs?: number;
  readonly pool: string;
  readonly poolSlots: number;
  /** Own weight combined with that of its neighbours by the weight rule. */
  readonly priorityWeight: number;
  readonly maxActivePerDag?: number;
  readonly concurrencyKey?: { readonly key: string; readonly limit: number };
  /** It waits for the same task of the previous run. */
  readonly dependsOnPast?: true;
  /** It waits for what follows that task too. */
  readonly waitForDownstream?: true;
  readonly isolation: "warm" | "fresh";
  readonly description?: string;
  /** Ids of the assets that its success updates. */
  readonly outlets?: readonly string[];
  /** Kind `branch`: its cases. */
  readonly cases?: readonly string[];
  /** Kind `short_circuit`: whether false skips all that follows, near and far; else what follows it directly. */
  readonly ignoreDownstreamTriggerRules?: boolean;
  /** Kind `each`: the task that yields the list, or the length of a list known at declaration. */
  readonly over?: { readonly task: string } | { readonly length: number };
  /** Kind `each`: most instances at once within a run. */
  readonly maxActive?: number;
  /** Kind `sensor`. */
  readonly pokeEveryMs?: number;
  readonly pokeTimeoutMs?: number;
  /** Kinds `wait_run` and `trigger`: the other DAG. */
  readonly target?: string;
  /** Kinds `wait_event` and `wait_run`, and `trigger` where it waits for the end of its run. */
  readonly waits?: WaitManifest;
}

/** A DAG as JSON, the only form in which the scheduler sees it. Tasks are in topological order. */
export interface DagManifest {
  readonly dagId: string;
  readonly description?: string;
  readonly schedule: ScheduleSpec;
  readonly timezone: string;
  /** ISO instants. */
  readonly startDate: string;
  readonly endDate?: string;
  readonly catchup: "none" | "latest" | "all";
  /** JSON Schema of the params' input. */
  readonly paramsSchema: JsonValue;
  readonly maxActiveRuns: number;
  /** What backfills may do beyond one run for each interval. */
  readonly backfill?: { readonly maxBatch: number };
  /** Most tasks of one run at once. */
  readonly maxActiveTasks?: number;
  /** Most tasks of the DAG at once, over all runs. */
  readonly maxActiveTasksPerDag?: number;
  readonly runTimeoutMs?: number;
  /** Failed runs in a row after which the DAG is paused. */
  readonly maxConsecutiveFailedRuns?: number;
  readonly runState: "leaves" | "any_failure";
  /** Whether the first task that fails for good ends everything but teardowns. */
  readonly failFast?: boolean;
  readonly tags: readonly string[];
  readonly owner?: string;
  readonly alerts: {
    readonly onFailure: boolean;
    readonly onSuccess: boolean;
    readonly onRetry: boolean;
    /** These are there only where they differ from their defaults. */
    readonly onRecovery?: false;
    readonly deadlineMs?: number;
    readonly onMissed?: true;
    readonly onBackfillDone?: true;
  };
  readonly tasks: readonly TaskManifest[];
}
