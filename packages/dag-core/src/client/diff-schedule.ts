import type { DagManifest } from "../definition/manifest.ts";
import { formatMs } from "../kernel/duration.ts";
import { type Interval, isInstant } from "../timetable/data-interval.ts";
import { timetableOf } from "../timetable/parse-schedule.ts";
import type { NextExecution } from "./next-execution.ts";

/** Two manifests of one DAG, and where its time stands. */
export interface ScheduleEdit {
  readonly before: DagManifest;
  readonly after: DagManifest;
  readonly coveredUntil: Date | undefined;
}

type NextRuns = Readonly<Record<"before" | "after", readonly NextExecution[]>>;

/** The first interval after an edit, where it does not begin at a tick of the new schedule. */
export function joiningInterval(
  { before, after, coveredUntil }: ScheduleEdit,
  { after: [first] }: NextRuns,
): Interval | undefined {
  if (first === undefined || coveredUntil === undefined || !movesTicks(before, after)) {
    return undefined;
  }
  const interval = { start: first.dataIntervalStart, end: first.dataIntervalEnd };
  if (isInstant(interval) || interval.start.getTime() !== coveredUntil.getTime()) return undefined;
  const usual = timetableOf(after).covering(interval.start);
  return usual?.start.getTime() === interval.start.getTime() ? undefined : interval;
}

/** What an edit of the schedule loses, moves or hides. */
export function scheduleWarnings(edit: ScheduleEdit, nextRuns: NextRuns): string[] {
  const { before, after, coveredUntil } = edit;
  const joining = joiningInterval(edit, nextRuns);
  return [
    joining && joiningText(joining),
    kindText(before, after),
    coveredUntil && startText(before, after, coveredUntil),
    nextRuns.before.length > 0 && nextRuns.after.length === 0 && "there are no next runs any more",
    catchupText(before, after),
  ].filter((text): text is string => typeof text === "string");
}

const textOf = (at: Date): string => at.toISOString();

function movesTicks(before: DagManifest, after: DagManifest): boolean {
  const ticks = ({ schedule, timezone, startDate }: DagManifest) =>
    JSON.stringify([schedule, timezone, schedule.kind === "every" ? startDate : ""]);
  return ticks(before) !== ticks(after);
}

function joiningText({ start, end }: Interval): string {
  const length = formatMs(end.getTime() - start.getTime());
  return `the first interval, ${textOf(start)} to ${textOf(end)}, is ${length} long: it joins the time that is covered with the new ticks`;
}

function isAboutInstants({ schedule }: DagManifest): boolean {
  return schedule.kind === "once" || (schedule.kind === "cron" && schedule.interval === "none");
}

/** What tasks read as their data interval means something else. */
function kindText(before: DagManifest, after: DagManifest): string | undefined {
  if (isAboutInstants(before) === isAboutInstants(after)) return undefined;
  const [was, is] = isAboutInstants(after)
    ? ["the interval before a tick", "the instant of a tick"]
    : ["the instant of a tick", "the interval before a tick"];
  return `runs were about ${was} and are about ${is}: look at every use of dataInterval and logicalDate`;
}

function startText(before: DagManifest, after: DagManifest, covered: Date): string | undefined {
  const start = new Date(after.startDate);
  if (before.startDate === after.startDate) return undefined;
  if (start > covered) {
    return `nothing runs from ${textOf(covered)} to the new start date ${textOf(start)}`;
  }
  if (after.startDate > before.startDate) return undefined;
  return `time before ${textOf(covered)} counts as done whatever the new start date; a backfill runs what is missing`;
}

function catchupText(before: DagManifest, after: DagManifest): string | undefined {
  if (before.catchup === after.catchup || after.catchup !== "all") return undefined;
  return 'catchup "all" runs nothing that was passed over before; a backfill does, missed_interval names it';
}
