import type { Command } from "commander";
import { alertsFlush, alertsMute, alertsUnmute } from "./alerts-mute.ts";
import { alertsStatus } from "./alerts-status.ts";
import { alertsTest } from "./alerts-test.ts";

export function alerts(parent: Command): void {
  alertsTest(parent);
  alertsStatus(parent);
  alertsFlush(parent);
  alertsMute(parent);
  alertsUnmute(parent);
}
