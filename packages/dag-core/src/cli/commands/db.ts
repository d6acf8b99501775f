import type { Command } from "commander";
import { dbCheck } from "./db-check.ts";
import { dbMigrate } from "./db-migrate.ts";

export function db(parent: Command): void {
  dbMigrate(parent);
  dbCheck(parent);
}
