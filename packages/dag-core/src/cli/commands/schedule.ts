import type { Command } from "commander";
import { scheduleCheck } from "./schedule-check.ts";

export function schedule(parent: Command): void {
  scheduleCheck(parent);
}
