import type { Command } from "commander";
import { tasksClear } from "./tasks-clear.ts";
import { tasksExplain } from "./tasks-explain.ts";
import { tasksList } from "./tasks-list.ts";
import { tasksMark } from "./tasks-mark.ts";
import { tasksTest } from "./tasks-test.ts";

export function tasks(parent: Command): void {
  tasksList(parent);
  tasksClear(parent);
  tasksMark(parent);
  tasksTest(parent);
  tasksExplain(parent);
}
