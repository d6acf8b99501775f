import type { DagManifest } from "../definition/manifest.ts";
import type { AlertKind } from "../kernel/alert.ts";
import { type EndedRun, type EndedTry, errorOf, type Hop } from "./hop.ts";
import type { RunEntry } from "./run-entry.ts";

/** The alerts that a hop gives rise to; stored by the transaction that makes them true. */
export function alertRows(hop: Hop): readonly object[] {
  return [
    ...hop.ended.flatMap(taskAlert),
    ...hop.endedRuns.flatMap((ended) => runAlert(hop, ended)),
  ];
}

function taskAlert(ended: EndedTry): readonly object[] {
  const { entry, instance, record, report, startedAt, endedAt } = ended;
  const { alerts } = entry.state.graph.manifest;
  const isFinal = record?.state === "failed";
  const isRetry = record?.state === "up_for_retry" && report.outcome.kind === "failed";
  if (!(isFinal && alerts.onFailure) && !(isRetry && alerts.onRetry)) return [];
  return [
    {
      kind: isFinal ? "task_instance.failed" : "task_instance.retry_scheduled",
      ...runKey(entry),
      clear_number: instance.clearNumber,
      task_instance_id: instance.taskInstanceId,
      try_number: ended.tryNumber,
      hand_off: ended.handOff,
      payload: {
        ...runPayload(entry),
        taskId: instance.taskId,
        mapIndex: instance.mapIndex,
        tryNumber: ended.tryNumber,
        maxTries: instance.maxTries + 1,
        reason: record.reason,
        error: errorOf(report),
        startedAt,
        endedAt,
        durationMs: endedAt.getTime() - startedAt.getTime(),
      },
    },
  ];
}

function runAlert(hop: Hop, { entry, outcome }: EndedRun): readonly object[] {
  const kind = runAlertKind(entry.state.graph.manifest.alerts, outcome.state);
  if (kind === undefined) return [];
  const startedAt = entry.facts.started_at ?? hop.now;
  return [
    {
      kind,
      ...runKey(entry),
      clear_number: entry.facts.clear_number,
      task_instance_id: 0,
      try_number: 0,
      hand_off: 0,
      payload: {
        ...runPayload(entry),
        reason: outcome.reason,
        startedAt,
        endedAt: hop.now,
        durationMs: hop.now.getTime() - startedAt.getTime(),
      },
    },
  ];
}

/** A success is stored as a recovery only where failures of the DAG were told before it; the statement looks. */
function runAlertKind(
  alerts: DagManifest["alerts"],
  state: EndedRun["outcome"]["state"],
): AlertKind | undefined {
  if (state === "cancelled") return undefined;
  if (state === "failed") return alerts.onFailure ? "dag_run.failed" : undefined;
  if (alerts.onSuccess) return "dag_run.succeeded";
  return alerts.onFailure && alerts.onRecovery !== false ? "dag_run.recovered" : undefined;
}

function runKey({ facts }: RunEntry): object {
  return { dag_id: facts.dag_id, dag_run_id: facts.dag_run_id };
}

function runPayload({ facts, state }: RunEntry): object {
  return {
    dagId: facts.dag_id,
    runId: facts.run_id,
    dataInterval: { start: facts.data_interval_start, end: facts.data_interval_end },
    timezone: state.graph.manifest.timezone,
  };
}
