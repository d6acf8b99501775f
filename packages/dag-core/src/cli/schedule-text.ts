import type { ScheduleSpec } from "../definition/manifest.ts";
import { formatMs } from "../kernel/duration.ts";

/** A schedule as one would say it: `0 3 * * * (Europe/Berlin)`. */
export function scheduleText(schedule: ScheduleSpec, timezone: string): string {
  switch (schedule.kind) {
    case "cron":
      return `${schedule.crons.join(", ")} (${timezone})`;
    case "every":
      return `every ${formatMs(schedule.everyMs)}`;
    case "assets":
      return `${schedule.when} of ${schedule.assets.join(", ")}`;
    case "none":
      return "none";
    case "once":
    case "continuous":
      return `@${schedule.kind}`;
  }
}
