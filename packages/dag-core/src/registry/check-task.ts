import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { unlimitedPool } from "../definition/pool-problem.ts";
import type { TriggerRule } from "../definition/trigger-rule.ts";
import { formatMs } from "../kernel/duration.ts";

/** What these rules do that their names do not tell. */
const surprises: Partial<Record<TriggerRule, string>> = {
  one_done:
    "starts when the first upstream has succeeded or failed, while the others still run; use all_done to wait for all",
  none_skipped:
    "also runs after failures, as long as nothing was skipped; use all_success if a failure should stop it",
};

/** Sentences about one task that does what it says, but probably not what was meant. */
export function checkTask(manifest: DagManifest, task: TaskManifest): string[] {
  const { runTimeoutMs } = manifest;
  const { role, triggerRule, upstream, timeoutMs, retryDelayMs, maxRetryDelayMs, retries } = task;
  const found: string[] = [];
  const surprise = surprises[triggerRule];
  if (upstream.length === 0 && role === "teardown") {
    found.push("is a teardown of nothing and runs first; add of: [setup], or after");
  } else if (upstream.length === 0 && triggerRule !== "all_success") {
    found.push(
      `has triggerRule "${triggerRule}" but nothing upstream; remove the rule or add after`,
    );
  } else if (surprise !== undefined) {
    found.push(`has triggerRule "${triggerRule}", which ${surprise}`);
  }
  if (retries > 0 && retryDelayMs > maxRetryDelayMs) {
    found.push(
      `has a retryDelay of ${formatMs(retryDelayMs)}, cut to its maxRetryDelay of ${formatMs(maxRetryDelayMs)}; raise the one or lower the other`,
    );
  }
  if (task.kind !== "sensor" && Number(timeoutMs) > Number(runTimeoutMs)) {
    found.push(
      `may run ${formatMs(Number(timeoutMs))}, longer than its run, which ends after ${formatMs(Number(runTimeoutMs))}; lower its timeout`,
    );
  }
  found.push(...checkSensor(task));
  return found.map((text) => `Task "${task.taskId}" of DAG "${manifest.dagId}" ${text}`);
}

function checkSensor({ kind, pool, pokeEveryMs = 0, pokeTimeoutMs = 0 }: TaskManifest): string[] {
  if (kind !== "sensor") return [];
  const found: string[] = [];
  if (pool !== unlimitedPool) {
    found.push(
      `is a sensor in pool "${pool}", so it can ask only when that pool has a free slot; give it pool "${unlimitedPool}"`,
    );
  }
  if (pokeEveryMs >= pokeTimeoutMs) {
    found.push(
      `asks every ${formatMs(pokeEveryMs)} but gives up after ${formatMs(pokeTimeoutMs)}, so it asks once; lower every`,
    );
  }
  return found;
}
