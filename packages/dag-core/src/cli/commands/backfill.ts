import type { Command } from "commander";
import { backfillCreate } from "./backfill-create.ts";
import { backfillList } from "./backfill-list.ts";
import { backfillMove } from "./backfill-move.ts";
import { backfillPlan } from "./backfill-plan.ts";
import { backfillStatus } from "./backfill-status.ts";

export function backfill(parent: Command): void {
  backfillPlan(parent);
  backfillCreate(parent);
  backfillList(parent);
  backfillStatus(parent);
  backfillMove(parent);
}
