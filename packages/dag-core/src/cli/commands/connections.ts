import type { Command } from "commander";
import { connectionsList } from "./connections-list.ts";
import { connectionsTest } from "./connections-test.ts";

export function connections(parent: Command): void {
  connectionsList(parent);
  connectionsTest(parent);
}
