import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Advanced } from "./advance-runs.ts";
import { type EndedRun, type EndedTry, errorOf } from "./hop.ts";

/** Tells what a hop came to, after its commit. */
export function emitHop(bus: EventBus, { hop, endedBackfills }: Advanced): void {
  for (const ended of hop.ended) emitTry(bus, ended);
  for (const ended of hop.endedRuns) emitRun(bus, ended, hop.now);
  for (const report of hop.fenced) {
    const entry = hop.entries.get(report.dagRunId);
    const instance = entry?.state.find(report.taskInstanceId);
    bus.emit("task_instance.result_dropped", {
      dagId: entry?.facts.dag_id ?? "",
      runId: entry?.facts.run_id ?? report.dagRunId,
      taskId: instance?.taskId ?? report.taskInstanceId,
      tryNumber: instance?.tryNumber ?? 0,
    });
  }
  for (const backfill of endedBackfills) {
    bus.emit("backfill.completed", {
      dagId: backfill.dag_id,
      backfillId: backfill.backfill_id,
      state: backfill.state,
    });
  }
}

function emitTry(bus: EventBus, ended: EndedTry): void {
  const { entry, instance, report, record, startedAt, endedAt } = ended;
  const facts = {
    dagId: entry.facts.dag_id,
    runId: entry.facts.run_id,
    taskId: instance.taskId,
    mapIndex: instance.mapIndex,
    tryNumber: ended.tryNumber,
    reason: record?.reason ?? undefined,
  };
  const durationMs = endedAt.getTime() - startedAt.getTime();
  const problem = errorOf(report);
  const error = problem && "message" in problem ? String(problem.message) : undefined;
  switch (record?.state) {
    case "success":
      return bus.emit("task_instance.succeeded", { ...facts, durationMs });
    case "failed":
      return bus.emit("task_instance.failed", { ...facts, durationMs, error });
    case "up_for_retry":
      if (report.outcome.kind === "lost") return bus.emit("task_instance.rescued", facts);
      return bus.emit("task_instance.retry_scheduled", {
        ...facts,
        error,
        ...(instance.wakeAt ? { wakeAt: instance.wakeAt.toISOString() } : {}),
      });
    case "skipped":
    case "removed":
      return bus.emit("task_instance.skipped", facts);
    case undefined:
      return bus.emit("task_instance.rescheduled", facts);
  }
}

const runEvents = {
  success: "dag_run.succeeded",
  failed: "dag_run.failed",
  cancelled: "dag_run.cancelled",
} as const;

function emitRun(bus: EventBus, { entry, outcome }: EndedRun, now: Date): void {
  const { dag_id: dagId, run_id: runId, started_at: startedAt } = entry.facts;
  const durationMs = startedAt ? now.getTime() - startedAt.getTime() : undefined;
  const facts = { dagId, runId, durationMs, reason: outcome.reason ?? undefined };
  bus.emit(runEvents[outcome.state], facts);
}

/** Tells of a DAG or a run that cannot be advanced. */
export function emitStuck(
  bus: EventBus,
  subject: string,
  error: unknown,
  about: { readonly dagId?: string; readonly dagRunId?: string },
): void {
  const { message } = toError(error);
  const text = `${subject} cannot be advanced: ${message}; correct the cause, each look tries again`;
  bus.emit("scheduler.tick_failed", { ...about, error: text });
}
