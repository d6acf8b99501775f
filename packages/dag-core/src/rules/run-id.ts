import type { RunType } from "../definition/states.ts";
import { runTypes } from "../definition/states.ts";
import type { RunTime } from "../timetable/timetable.ts";

/** An instant as run ids write it: `2026-01-01T00:00:00+00:00`, with milliseconds only where there are some. */
function idTime(at: Date): string {
  const time = at.toISOString();
  return `${time.endsWith(".000Z") ? time.slice(0, -5) : time.slice(0, -1)}+00:00`;
}

/** Id of a scheduled run, by its logical date. */
export function scheduledRunId({ interval }: RunTime): string {
  return `scheduled__${idTime(interval.start)}`;
}

/**
 * Id of the first run after a schedule of instants became one of intervals: the run about the last instant has the id
 * of the logical date already, so the end tells them apart.
 */
export function joiningRunId(run: RunTime): string {
  return `${scheduledRunId(run)}~${idTime(run.interval.end)}`;
}

/** Id of a run of a backfill, by the moment from which it may start. So no interval is named by a run id. */
export function backfillRunId({ runAfter }: RunTime): string {
  return `backfill__${idTime(runAfter)}`;
}

/** Id of a run of a backfill that covers several intervals, by the last of them. */
export function batchRunId(last: RunTime, intervals: number): string {
  return `${backfillRunId(last)}_x${intervals}`;
}

/**
 * Id of a run that somebody asked for.
 *
 * @param suffix given for a run without logical date, of which there may be several at one moment.
 * @example manualRunId(now, "k3x9") // "manual__2026-01-01T10:00:00.123+00:00_k3x9"
 */
export function manualRunId(runAfter: Date, suffix?: string): string {
  const id = `manual__${idTime(runAfter)}`;
  return suffix === undefined ? id : `${id}_${suffix}`;
}

/** Id of a run that a task asked for: the same for every attempt until the task is cleared. */
export function triggeredRunId(by: {
  readonly taskInstanceId: string;
  readonly clearNumber: number;
}): string {
  return `manual__t${by.taskInstanceId}_c${by.clearNumber}`;
}

/** Id of a run for updates of assets, by its moment and the last of the updates, of which no other run has any. */
export function assetRunId(runAfter: Date, assetEventId: string): string {
  return `asset_triggered__${idTime(runAfter)}_${assetEventId}`;
}

/** The run type that an id claims by its prefix; a run of another type may not use it. */
export function runTypeOfId(runId: string): RunType | undefined {
  return runTypes.find((type) => runId.startsWith(`${type}__`));
}
