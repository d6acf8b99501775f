import { type Asset, isAsset } from "../kernel/asset.ts";
import { durationMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import { nearest } from "../kernel/nearest.ts";
import { continuousTimetable } from "./continuous.ts";
import { cronPresets, parseCron } from "./cron.ts";
import { cronTicks } from "./cron-ticks.ts";
import { everyTicks } from "./every.ts";
import { instantTimetable } from "./instant-timetable.ts";
import { intervalTimetable } from "./interval-timetable.ts";
import { manualTimetable } from "./manual.ts";
import { onceTimetable } from "./once.ts";
import type { AssetSchedule, CronSchedule, Schedule, ScheduleSpec } from "./schedule-spec.ts";
import { unionTicks } from "./ticks.ts";
import type { Restriction, Timetable } from "./timetable.ts";
import { zoneOf } from "./wall-clock.ts";

const leastEveryMs = 1_000;
const cronOptions = {
  interval: ["previous", "none"],
  gap: ["shift", "skip"],
  overlap: ["first", "second", "both"],
} as const;

const refuse = (schedule: unknown, problem: string, remedy: string): Error => {
  const text = typeof schedule === "string" ? schedule : JSON.stringify(schedule);
  return tidemillError("TIDEMILL_SCHEDULE_INVALID", { schedule: text, problem, remedy });
};

function checkKeysOrThrow(schedule: object, known: readonly string[]): void {
  for (const option of Object.keys(schedule)) {
    if (known.includes(option)) continue;
    throw tidemillError("TIDEMILL_OPTION_UNKNOWN", { option, subject: "a schedule", known });
  }
}

function checkOptionsOrThrow(schedule: CronSchedule): void {
  for (const [option, allowed] of Object.entries(cronOptions)) {
    const value: unknown = schedule[option as keyof typeof cronOptions];
    if (value === undefined || (allowed as readonly unknown[]).includes(value)) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const near = nearest(text, allowed);
    const hint = near === undefined ? "" : `, did you mean "${near}"?`;
    const problem = `has "${text}" as its ${option}`;
    throw refuse(schedule.cron, problem, `write ${allowed.join(" or ")}${hint}`);
  }
}

function expandedCron(text: unknown): string {
  if (typeof text !== "string")
    throw refuse(text, "is not a text", 'write one such as "0 3 * * *"');
  if (text === "@once" || text === "@continuous") {
    throw refuse(text, "stands among crons", "make it the whole schedule");
  }
  parseCron(text);
  return cronPresets[text] ?? text.trim().split(/\s+/).join(" ");
}

function parseCronSchedule(schedule: CronSchedule): ScheduleSpec {
  checkKeysOrThrow(schedule, ["cron", "interval", "gap", "overlap"]);
  checkOptionsOrThrow(schedule);
  const crons = [schedule.cron].flat().map(expandedCron);
  if (crons.length === 0) throw refuse(schedule.cron, "has no cron", "add one, or write null");
  const { interval = "previous", gap = "shift", overlap = "second" } = schedule;
  return { kind: "cron", crons: [...new Set(crons)], interval, gap, overlap };
}

function parseEvery(schedule: { readonly every: string }): ScheduleSpec {
  checkKeysOrThrow(schedule, ["every"]);
  const everyMs = durationMs(schedule.every);
  if (everyMs >= leastEveryMs) return { kind: "every", everyMs };
  throw refuse(schedule.every, "is shorter than a second", "use @continuous, or a longer distance");
}

function parseAssets(schedule: AssetSchedule): ScheduleSpec {
  checkKeysOrThrow(schedule, ["assets", "when"]);
  const { assets, when = "all" } = schedule;
  if (!Array.isArray(assets) || assets.length === 0 || !assets.every(isAsset)) {
    throw refuse(schedule, "does not list assets", 'write { assets: [asset("raw.orders")] }');
  }
  if (when !== "all" && when !== "any") {
    throw refuse(schedule, `has "${String(when)}" as its when`, "write all or any");
  }
  const ids = assets.map((one: Asset) => one.asset);
  return { kind: "assets", assets: [...new Set(ids)].sort(), when };
}

/** Arrays have a method `every`, so they must be told apart first. */
const isList = (schedule: object): schedule is readonly string[] => Array.isArray(schedule);

/**
 * Checks a schedule as written and fills in every default; presets become cron expressions.
 *
 * @throws TidemillError `TIDEMILL_SCHEDULE_INVALID`, `TIDEMILL_OPTION_UNKNOWN`, `TIDEMILL_DURATION_INVALID`.
 * @example parseSchedule("@daily") // { kind: "cron", crons: ["0 0 * * *"], interval: "previous", ... }
 */
export function parseSchedule(schedule: Schedule): ScheduleSpec {
  if (schedule === null) return { kind: "none" };
  if (schedule === "@once") return { kind: "once" };
  if (schedule === "@continuous") return { kind: "continuous" };
  if (typeof schedule === "string") return parseCronSchedule({ cron: schedule });
  if (typeof schedule !== "object") {
    throw refuse(schedule, "is not a schedule", "write a cron text, { every } or null");
  }
  if (isList(schedule)) return parseCronSchedule({ cron: schedule });
  if ("every" in schedule) return parseEvery(schedule);
  if ("assets" in schedule) return parseAssets(schedule);
  if ("cron" in schedule) return parseCronSchedule(schedule);
  throw refuse(schedule, "is not a schedule", "write a cron text, { every } or null");
}

/** What a timetable is built from; a `DagManifest` has it. */
export interface TimetableSource {
  readonly schedule: ScheduleSpec;
  readonly timezone: string;
  /** ISO instants. */
  readonly startDate: string;
  readonly endDate?: string;
  readonly catchup: Restriction["catchup"];
}

/** Timetables by what they were made from: a scheduler asks for that of a version again with each run. */
const made = new WeakMap<object, Timetable>();

/**
 * The timetable of a DAG.
 *
 * `{ every }` counts from the start date; several crons tick at each instant that any of them names.
 *
 * @example timetableOf(manifest).lastComplete(now)
 */
export function timetableOf(source: TimetableBasis): Timetable {
  const known = made.get(source);
  if (known) return known;
  const timetable = makeTimetable(source);
  made.set(source, timetable);
  return timetable;
}

type TimetableBasis = Omit<TimetableSource, "catchup" | "endDate">;

function makeTimetable(source: TimetableBasis): Timetable {
  const { schedule } = source;
  const startDate = new Date(source.startDate);
  switch (schedule.kind) {
    case "none":
    case "assets":
      return manualTimetable;
    case "once":
      return onceTimetable(startDate);
    case "continuous":
      return continuousTimetable();
    case "every":
      return intervalTimetable(everyTicks(schedule.everyMs, startDate.getTime()));
    case "cron": {
      const options = {
        zone: zoneOf(source.timezone),
        gap: schedule.gap,
        overlap: schedule.overlap,
      };
      const ticks = unionTicks(schedule.crons.map((cron) => cronTicks(parseCron(cron), options)));
      return schedule.interval === "none" ? instantTimetable(ticks) : intervalTimetable(ticks);
    }
  }
}

/** The bounds that a DAG sets for its runs. */
export function restrictionOf(source: TimetableSource): Restriction {
  const earliest = new Date(source.startDate);
  const { catchup, endDate } = source;
  return endDate === undefined
    ? { earliest, catchup }
    : { earliest, latest: new Date(endDate), catchup };
}
