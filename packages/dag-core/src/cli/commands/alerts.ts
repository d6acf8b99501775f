import type { Command } from "commander";
import { alertsStatus } from "./alerts-status.ts";
import { alertsTest } from "./alerts-test.ts";

export function alerts(parent: Command): void {
  alertsTest(parent);
  alertsStatus(parent);
}
