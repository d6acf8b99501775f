import { durationMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { CronSchedule, Schedule } from "./dag-options.ts";
import type { ScheduleSpec } from "./manifest.ts";

export function scheduleSpec(schedule: Schedule): ScheduleSpec {
  if (schedule === null) return { kind: "none" };
  if (schedule === "@once") return { kind: "once" };
  if (schedule === "@continuous") return { kind: "continuous" };
  if (typeof schedule === "object" && "every" in schedule) {
    return { kind: "every", everyMs: durationMs(schedule.every as string) };
  }
  const cron: CronSchedule =
    typeof schedule === "object" && "cron" in schedule ? schedule : { cron: schedule };
  const { interval = "previous", gap = "shift", overlap = "second" } = cron;
  return { kind: "cron", crons: [cron.cron].flat() as string[], interval, gap, overlap };
}

export function instant(text: string, _timezone: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw tidemillError("TIDEMILL_DATE_INVALID", { text });
  return new Date(at).toISOString();
}

export function checkTimezoneOrThrow(timezone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw tidemillError("TIDEMILL_TIMEZONE_UNKNOWN", { timezone });
  }
}
