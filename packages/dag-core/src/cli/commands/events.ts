import type { Command } from "commander";
import { eventsSend } from "./events-send.ts";

export function events(parent: Command): void {
  eventsSend(parent);
}
