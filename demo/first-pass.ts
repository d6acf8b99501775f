import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "@tidemill/dag-core/client";
import type { Pipeline } from "./pipelines/pipeline.ts";

export interface FirstPassOptions {
  readonly pipeline: Pipeline;
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
const lookEveryMs = 200;

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
  { client, signal }: FirstPassOptions,
  dagId: string,
  params: Pipeline["pass"][number]["params"],
): Promise<RunResult> {
  const started = performance.now();
  const { runId } = await client.trigger(dagId, params === undefined ? {} : { params });
  for (;;) {
    const elapsedMs = performance.now() - started;
    const state = await stateOf(client, dagId, runId);
    if (state !== "queued" && state !== "running") {
      return { dagId, runId, state, seconds: elapsedMs / 1_000 };
    }
    if (elapsedMs > longestRunMs) throw new Error(`${dagId} took too long`);
    await pause(lookEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** The engine tells of a database that is away; here the run counts as going on, and is asked for again. */
async function stateOf({ readModel }: Client, dagId: string, runId: string) {
  const run = await readModel.run(dagId, runId).catch(() => undefined);
  return run?.state ?? "running";
}
