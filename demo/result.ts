import type { Summary } from "../dags/lib/summary.ts";
import type { RunResult } from "./first-pass.ts";
import type { Pipeline } from "./pipelines/pipeline.ts";

/** What a first pass came to; the JSON that `--output json` prints. */
export interface Result {
  readonly ok: boolean;
  readonly seconds: number;
  readonly dags: Readonly<Record<string, RunResult["state"]>>;
  readonly rows: Summary["rows"];
  readonly answers?: Summary["answers"];
  readonly reconciled: boolean;
  readonly problems: readonly string[];
}

export function resultOf(
  pipeline: Pipeline,
  runs: readonly RunResult[],
  summary: Summary,
  seconds: number,
): Result {
  const failed = runs.find((run) => run.state !== "success");
  const why = failed
    ? [`${failed.dagId} ended as ${failed.state}: tidemill logs ${failed.dagId} ${failed.runId}`]
    : [];
  return {
    ok: runs.length === pipeline.pass.length && failed === undefined && summary.reconciled,
    seconds: Math.round(seconds * 10) / 10,
    dags: Object.fromEntries(runs.map((run) => [run.dagId, run.state])),
    rows: Object.fromEntries(Object.entries(summary.rows).sort(([a], [b]) => a.localeCompare(b))),
    ...(summary.answers && { answers: summary.answers }),
    reconciled: summary.reconciled,
    problems: [...why, ...summary.problems],
  };
}

/** One result as it is; several as one that is well only if all of them are. */
export function combined(results: Readonly<Record<string, Result>>): object {
  const all = Object.values(results);
  const [only] = all;
  if (all.length === 1 && only) return only;
  return {
    ok: all.every((result) => result.ok),
    reconciled: all.every((result) => result.reconciled),
    seconds: Math.round(all.reduce((sum, result) => sum + result.seconds, 0) * 10) / 10,
    pipelines: results,
  };
}
