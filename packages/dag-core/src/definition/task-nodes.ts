import type { z } from "zod";
import type { Asset } from "../kernel/asset.ts";
import { durationMs } from "../kernel/duration.ts";
import type { TaskDefaults } from "./dag-options.ts";
import type { Edges } from "./edges.ts";
import type { TaskKind, TaskManifest } from "./manifest.ts";
import { unlimitedPool } from "./pool-problem.ts";
import type { ExecutionOptions } from "./execution-options.ts";
import type { TriggerRule } from "./trigger-rule.ts";
import { type AnyOutwardOptions, isOutward, outwardCode, outwardManifest } from "./wait-nodes.ts";

/** The functions of a task: what a runner holds and a scheduler never sees. */
export interface TaskCode {
  readonly kind: TaskKind;
  /** `run` of the declaration, or `poke` of a sensor. */
  readonly run: (ctx: never) => unknown;
  /** Kind `each` over a list known at declaration: the list. */
  readonly items?: readonly unknown[];
  /** Parses the output where it is read. */
  readonly output?: z.ZodType;
}

/** The options of any kind of task, after they were checked. */
export interface AnyTaskOptions extends ExecutionOptions, Omit<AnyOutwardOptions, "timeout"> {
  readonly triggerRule?: TriggerRule;
  readonly cases?: readonly string[];
  readonly outlets?: readonly Asset[];
  readonly over?: unknown;
  readonly maxActive?: number;
  readonly every?: string;
  readonly output?: z.ZodType;
  readonly run?: TaskCode["run"];
  readonly poke?: TaskCode["run"];
  readonly onFailureFailsRun?: boolean;
  readonly ignoreDownstreamTriggerRules?: boolean;
}

/** What a verb of the builder declares. */
export interface TaskVerb {
  readonly kind: TaskKind;
  readonly role?: "setup" | "teardown";
}

/** A task whose upstream is not in order yet and whose weight is its own only. */
export function taskManifest(
  taskId: string,
  { kind, role }: TaskVerb,
  options: AnyTaskOptions,
  edges: Edges,
  defaults: TaskDefaults,
): TaskManifest {
  const defaultRule = role === "teardown" ? "all_done_setup_success" : "all_success";
  return {
    taskId,
    kind,
    ...(role && { role }),
    ...(options.onFailureFailsRun && { onFailureFailsRun: true }),
    upstream: [...edges.upstream],
    inputs: edges.inputs,
    ...(edges.when && { when: edges.when }),
    triggerRule: options.triggerRule ?? defaultRule,
    ...execution({ ...defaults, ...given(options) }, options, defaults, kind),
    ...outletsOf(options),
    ...(options.description !== undefined && { description: options.description }),
    ...ofKind(kind, options, edges),
  };
}

/** Each asset once, so that one end is one update. */
function outletsOf({ outlets = [] }: AnyTaskOptions): Pick<TaskManifest, "outlets"> {
  if (outlets.length === 0) return {};
  return { outlets: [...new Set(outlets.map(({ asset }) => asset))] };
}

export function taskCode(kind: TaskKind, options: AnyTaskOptions): TaskCode {
  const run = codeOf(kind, options);
  if (run === undefined) throw new Error(`A ${kind} without a function passed its checks`);
  return {
    kind,
    run,
    ...(Array.isArray(options.over) && { items: Object.freeze([...(options.over as unknown[])]) }),
    ...(options.output && { output: options.output }),
  };
}

function codeOf(kind: TaskKind, options: AnyTaskOptions): TaskCode["run"] | undefined {
  if (isOutward(kind)) return outwardCode(kind, options);
  return kind === "sensor" ? options.poke : options.run;
}

/** Without the options that are set to undefined, so that a default shows through. */
function given(options: AnyTaskOptions): AnyTaskOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function execution(
  merged: AnyTaskOptions,
  own: AnyTaskOptions,
  defaults: TaskDefaults,
  kind: TaskKind,
) {
  const { retryBackoff = "fixed", concurrencyKey: key } = merged;
  const timeoutMs = tryTimeoutMs(kind, merged, own, defaults);
  return {
    retries: merged.retries ?? 0,
    retryDelayMs: durationMs(merged.retryDelay ?? "5m"),
    retryBackoff,
    maxRetryDelayMs: durationMs(merged.maxRetryDelay ?? "24h"),
    retryJitter: merged.retryJitter ?? (retryBackoff === "fixed" ? "none" : "airflow"),
    ...(timeoutMs !== undefined && { timeoutMs }),
    pool: merged.pool ?? unlimitedPool,
    poolSlots: merged.poolSlots ?? 1,
    priorityWeight: merged.priorityWeight ?? 1,
    ...(merged.maxActivePerDag !== undefined && { maxActivePerDag: merged.maxActivePerDag }),
    ...(key !== undefined && {
      concurrencyKey:
        typeof key === "string" ? { key, limit: 1 } : { key: key.key, limit: key.limit },
    }),
    ...((merged.dependsOnPast || merged.waitForDownstream) && { dependsOnPast: true as const }),
    ...(merged.waitForDownstream && { waitForDownstream: true as const }),
    isolation: merged.isolation ?? "warm",
  } as const;
}

/** The timeout of a task that waits outside a process is about the wait, not about the moment in which it begins. */
function tryTimeoutMs(
  kind: TaskKind,
  merged: AnyTaskOptions,
  own: AnyTaskOptions,
  defaults: TaskDefaults,
): number | undefined {
  if (isOutward(kind)) return ms(defaults.timeout);
  return kind === "sensor" ? pokeTimeoutMs(own, defaults) : ms(merged.timeout);
}

/** A sensor's own timeout bounds all pokes together, so one poke may not take longer than that either. */
function pokeTimeoutMs(own: AnyTaskOptions, defaults: TaskDefaults): number | undefined {
  const bounds = [ms(own.timeout), ms(defaults.timeout)].filter((bound) => bound !== undefined);
  return bounds.length > 0 ? Math.min(...bounds) : undefined;
}

function ms(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration);
}

function ofKind(kind: TaskKind, options: AnyTaskOptions, edges: Edges) {
  switch (kind) {
    case "task":
      return {};
    case "branch":
      return { cases: [...(options.cases ?? [])] };
    case "short_circuit":
      return { ignoreDownstreamTriggerRules: options.ignoreDownstreamTriggerRules ?? true };
    case "each":
      return {
        over: Array.isArray(options.over)
          ? { length: options.over.length }
          : { task: edges.over ?? "" },
        ...(options.maxActive !== undefined && { maxActive: options.maxActive }),
      };
    case "wait_event":
    case "wait_run":
    case "trigger":
      return outwardManifest(kind, options);
    case "sensor":
      return {
        pokeEveryMs: durationMs(options.every ?? ""),
        pokeTimeoutMs: durationMs(options.timeout ?? ""),
      };
  }
}
