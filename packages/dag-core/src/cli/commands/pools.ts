import type { Command } from "commander";
import { poolsList } from "./pools-list.ts";
import { poolsSet } from "./pools-set.ts";

export function pools(parent: Command): void {
  poolsList(parent);
  poolsSet(parent);
}
