import { durationMs } from "../kernel/duration.ts";
import type { TaskContext } from "./context.ts";
import type { TaskKind, TaskManifest, WaitManifest } from "./manifest.ts";
import type { DagRunState } from "./states.ts";

/** The kinds of tasks that look beyond their run. */
export type OutwardKind = Extract<TaskKind, "wait_event" | "wait_run" | "trigger">;

/** Their options, after they were checked. */
export interface AnyOutwardOptions {
  readonly timeout?: string;
  readonly event?: string | OutwardFunction;
  readonly since?: NonNullable<WaitManifest["since"]>;
  readonly dag?: string;
  readonly interval?: "same" | OutwardFunction;
  readonly params?: object | OutwardFunction;
  readonly wait?: boolean;
  readonly states?: readonly DagRunState[];
  readonly onFailure?: NonNullable<WaitManifest["onFailure"]>;
}
type OutwardFunction = (ctx: never) => unknown;

/** What a `trigger` returns to the engine. */
export interface TriggerRequest {
  readonly params: unknown;
  readonly interval: unknown;
}

export function isOutward(kind: TaskKind): kind is OutwardKind {
  return kind === "wait_event" || kind === "wait_run" || kind === "trigger";
}

export function outwardManifest(
  kind: OutwardKind,
  options: AnyOutwardOptions,
): Pick<TaskManifest, "target" | "waits"> {
  const timeout = options.timeout === undefined ? {} : { timeoutMs: durationMs(options.timeout) };
  if (kind === "wait_event") return { waits: { ...timeout, since: options.since ?? "run" } };
  const target = options.dag ?? "";
  if (kind === "trigger" && options.wait !== true) return { target };
  const { states = ["success"], onFailure = "fail" } = options;
  return { target, waits: { ...timeout, states: [...states], onFailure } };
}

/** The function that a runner calls: what it returns says what is waited for or made. */
export function outwardCode(
  kind: OutwardKind,
  options: AnyOutwardOptions,
): (ctx: never) => unknown {
  const { event, interval, params } = options;
  switch (kind) {
    case "wait_event":
      return typeof event === "function" ? event : () => event;
    case "wait_run":
      return (ctx) => instantOf(interval ?? "same", ctx);
    case "trigger":
      return async (ctx): Promise<TriggerRequest> => ({
        params: (typeof params === "function" ? await params(ctx) : params) ?? {},
        interval: interval === undefined ? undefined : await instantOf(interval, ctx),
      });
  }
}

function instantOf(interval: "same" | OutwardFunction, ctx: never): unknown {
  return interval === "same" ? (ctx as TaskContext).dataInterval.start : interval(ctx);
}
