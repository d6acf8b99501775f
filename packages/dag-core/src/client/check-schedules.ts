import type { ScheduleSpec } from "../definition/manifest.ts";
import { dagIds } from "../store/client.ts";
import { type ClockChange, clockChanges } from "../timetable/clock-changes.ts";
import { findDagOrThrow, type Scope } from "./scope.ts";

export interface CheckSchedulesOptions {
  /** Defaults to every DAG. */
  readonly dagIds?: readonly string[] | undefined;
  /** How many years from now on. Defaults to 5. */
  readonly years?: number | undefined;
}

/** A DAG whose schedule meets changes of the clock. */
export interface CheckedSchedule {
  readonly dagId: string;
  readonly timezone: string;
  readonly schedule: ScheduleSpec;
  /** In order of time; empty where no tick and no interval is touched. */
  readonly changes: readonly ClockChange[];
}

/** What the clock changes of the coming years do to the schedules of DAGs. */
export async function checkSchedules(
  { database }: Scope,
  { dagIds: chosen = [], years = 5 }: CheckSchedulesOptions = {},
): Promise<CheckedSchedule[]> {
  const checked: CheckedSchedule[] = [];
  for (const dagId of chosen.length > 0 ? chosen : await dagIds(database)) {
    const { manifest, now } = await findDagOrThrow(database, dagId);
    const end = new Date(now);
    end.setUTCFullYear(end.getUTCFullYear() + years);
    const changes = clockChanges(manifest, { start: now, end });
    checked.push({ dagId, timezone: manifest.timezone, schedule: manifest.schedule, changes });
  }
  return checked;
}
