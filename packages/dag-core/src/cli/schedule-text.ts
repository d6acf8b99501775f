import type { ScheduleSpec } from "../definition/manifest.ts";
import { formatMs } from "../kernel/duration.ts";

/** A schedule as one would say it: `0 3 * * * (Europe/Berlin), gap: skip`. */
export function scheduleText(schedule: ScheduleSpec, timezone?: string): string {
  switch (schedule.kind) {
    case "cron": {
      const { crons, gap, overlap, interval } = schedule;
      const zone = timezone === undefined ? "" : ` (${timezone})`;
      return [
        crons.join(", ") + zone,
        ...(interval === "previous" ? [] : [`interval: ${interval}`]),
        ...(gap === "shift" ? [] : [`gap: ${gap}`]),
        ...(overlap === "second" ? [] : [`overlap: ${overlap}`]),
      ].join(", ");
    }
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
