import { tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { DagFactsRow } from "../store/client.ts";
import type { Queryable } from "../store/database.ts";
import {
  dagRunInsert,
  dagRunIntervalInsert,
  dagRunIntervalOverlaps,
  type RunAbout,
} from "../store/schedule.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";

export interface ManualRun {
  readonly dag: DagFactsRow;
  readonly runId: string;
  /** What the run is about and covers; undefined for one without an interval. */
  readonly named: Interval | undefined;
  readonly params: JsonValue;
  readonly actor: string;
  readonly askedAt?: Date | undefined;
  /** For the event that is left behind. */
  readonly about: RunAbout;
}

export interface MadeRun {
  /** What the run tells its tasks that it is about. */
  readonly interval: Interval;
  readonly isPaused: boolean;
}

/**
 * Makes a run that was asked for: by one statement, or in a transaction that holds the lock of its DAG if it is about an
 * interval.
 *
 * @returns undefined if there is a run of this id, or the DAG has another version by now
 * @throws TidemillError `TIDEMILL_INTERVAL_COVERED`
 */
export async function makeManualRun(
  tx: Queryable,
  { dag, runId, named, params, actor, askedAt, about }: ManualRun,
): Promise<MadeRun | undefined> {
  const { dag_id: dagId, now } = dag;
  if (named) await refuseCovered(tx, dagId, named);
  const interval = named ?? lastComplete(dag);
  const [run] = await dagRunInsert(tx, {
    runType: "manual",
    triggeredBy: actor,
    params,
    askedAt,
    about,
    runs: [
      {
        dagId,
        dagVersionId: dag.dag_version_id,
        interval,
        runAfter: now,
        runId,
        logicalDate: named?.start ?? null,
      },
    ],
  });
  if (!run) return undefined;
  if (named) await dagRunIntervalInsert(tx, [run]);
  return { interval, isPaused: run.is_paused };
}

/** @throws TidemillError `TIDEMILL_INTERVAL_NONE` where the schedule has no interval at that date */
export function intervalOrThrow(
  { dag_id: dagId, manifest }: DagFactsRow,
  date: string,
  interval: Interval | undefined,
): Interval {
  if (interval) return interval;
  const schedule = JSON.stringify(manifest.schedule);
  throw tidemillError("TIDEMILL_INTERVAL_NONE", { dagId, date, schedule });
}

/** Under the lock of the dag row, so that nobody covers the interval meanwhile. */
export async function refuseCovered(
  tx: Queryable,
  dagId: string,
  interval: Interval,
): Promise<void> {
  const [other] = await dagRunIntervalOverlaps(tx, [{ dagId, ...interval }]);
  if (!other) return;
  throw tidemillError("TIDEMILL_INTERVAL_COVERED", {
    dagId,
    interval: `${interval.start.toISOString()} to ${interval.end.toISOString()}`,
    runId: other.run_id,
  });
}

/** What a run without an interval tells its tasks: the last one that is over, or the moment it was made. */
function lastComplete({ manifest, now }: DagFactsRow): Interval {
  return timetableOf(manifest).lastComplete(now) ?? { start: now, end: now };
}
