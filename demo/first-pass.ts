import type { Client } from "@tidemill/dag-core/client";
import type { Engine, EventName } from "@tidemill/dag-core/engine";
import type { Pipeline } from "./pipelines/pipeline.ts";

export interface FirstPassOptions {
  readonly pipeline: Pipeline;
  readonly engine: Engine;
  readonly client: Client;
  /** Told of each run as it ends. */
  readonly onRun: (run: RunResult) => void;
  readonly signal: AbortSignal;
}

export interface RunResult {
  readonly dagId: string;
  readonly runId: string;
  readonly state: "success" | "failed" | "cancelled";
  readonly seconds: number;
}

const longestRunMs = 600_000;
const ends = {
  "dag_run.succeeded": "success",
  "dag_run.failed": "failed",
  "dag_run.cancelled": "cancelled",
} as const satisfies Partial<Record<EventName, RunResult["state"]>>;

/** Runs the DAGs of a pipeline one after another; stops at the first that does not succeed. */
export async function firstPass(options: FirstPassOptions): Promise<readonly RunResult[]> {
  const results: RunResult[] = [];
  for (const { dagId, params } of options.pipeline.pass) {
    options.signal.throwIfAborted();
    const result = await runOnce(options, dagId, params);
    results.push(result);
    options.onRun(result);
    if (result.state !== "success") break;
  }
  return results;
}

async function runOnce(
  { engine, client, signal }: FirstPassOptions,
  dagId: string,
  params: Pipeline["pass"][number]["params"],
): Promise<RunResult> {
  const started = performance.now();
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  // The run id is known only when the trigger has committed; the run may have ended by then.
  const seen = new Map<string, RunResult["state"]>();
  const settled = Promise.withResolvers<void>();
  let wanted: string | undefined;
  const stops = (Object.keys(ends) as (keyof typeof ends)[]).map((name) =>
    engine.events.on(name, ({ runId }) => {
      seen.set(runId, ends[name]);
      if (runId === wanted) settled.resolve();
    }),
  );
  try {
    const { runId } = await client.trigger(dagId, params === undefined ? {} : { params });
    wanted = runId;
    if (seen.has(runId)) settled.resolve();
    const timer = setTimeout(() => ended.abort(new Error(`${dagId} took too long`)), longestRunMs);
    const stop = () => settled.reject(either.reason as Error);
    either.addEventListener("abort", stop, { once: true });
    // A signal that came while the run was made is not told of again.
    if (either.aborted) stop();
    await settled.promise.finally(() => clearTimeout(timer));
    const seconds = (performance.now() - started) / 1_000;
    return { dagId, runId, state: seen.get(runId) ?? "failed", seconds };
  } finally {
    for (const stop of stops) stop();
  }
}
