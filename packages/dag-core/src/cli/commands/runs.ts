import type { Command } from "commander";
import { runsCancel } from "./runs-cancel.ts";
import { runsList } from "./runs-list.ts";
import { runsMark } from "./runs-mark.ts";
import { runsShow } from "./runs-show.ts";
import { runsWatch } from "./runs-watch.ts";

export function runs(parent: Command): void {
  runsList(parent);
  runsShow(parent);
  runsWatch(parent);
  runsCancel(parent);
  runsMark(parent);
}
