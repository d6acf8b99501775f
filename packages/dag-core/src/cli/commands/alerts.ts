import type { Command } from "commander";
import { alertsFlush } from "./alerts-flush.ts";
import { alertsMute, alertsUnmute } from "./alerts-mute.ts";
import { alertsStatus } from "./alerts-status.ts";
import { alertsTest } from "./alerts-test.ts";

export function alerts(parent: Command): void {
  alertsTest(parent);
  alertsStatus(parent);
  alertsFlush(parent);
  alertsMute(parent);
  alertsUnmute(parent);
}
