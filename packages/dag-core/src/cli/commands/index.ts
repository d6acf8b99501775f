import type { Command } from "commander";
import { group } from "../command.ts";
import { alertsStatus } from "./alerts-status.ts";
import { alertsTest } from "./alerts-test.ts";
import { backfillCreate } from "./backfill-create.ts";
import { backfillList } from "./backfill-list.ts";
import { backfillMove } from "./backfill-move.ts";
import { backfillPlan } from "./backfill-plan.ts";
import { backfillStatus } from "./backfill-status.ts";
import { check } from "./check.ts";
import { connectionsList } from "./connections-list.ts";
import { connectionsTest } from "./connections-test.ts";
import { dagsList } from "./dags-list.ts";
import { dagsListImportErrors } from "./dags-list-import-errors.ts";
import { dagsNextExecution } from "./dags-next-execution.ts";
import { dagsPause } from "./dags-pause.ts";
import { dagsShow } from "./dags-show.ts";
import { dagsTest } from "./dags-test.ts";
import { dbCheck } from "./db-check.ts";
import { dbMigrate } from "./db-migrate.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { health } from "./health.ts";
import { logs } from "./logs.ts";
import { poolsList } from "./pools-list.ts";
import { poolsSet } from "./pools-set.ts";
import { runsCancel } from "./runs-cancel.ts";
import { runsList } from "./runs-list.ts";
import { runsShow } from "./runs-show.ts";
import { runsWatch } from "./runs-watch.ts";
import { scheduler } from "./scheduler.ts";
import { tasksClear } from "./tasks-clear.ts";
import { tasksExplain } from "./tasks-explain.ts";
import { tasksList } from "./tasks-list.ts";
import { tasksMark } from "./tasks-mark.ts";
import { tasksTest } from "./tasks-test.ts";
import { trigger } from "./trigger.ts";
import { worker } from "./worker.ts";

/** Puts commands under a parent. */
export type Register = (parent: Command) => void;

const grouped =
  (name: string, does: string, ...members: readonly Register[]): Register =>
  (program) => {
    const parent = group(program, name, does);
    for (const member of members) member(parent);
  };

/** Every command, in the order of the help text. */
export const groups: readonly Register[] = [
  dev,
  scheduler,
  worker,
  check,
  trigger,
  grouped(
    "dags",
    "Look at DAGs, pause and test them.",
    dagsList,
    dagsShow,
    dagsNextExecution,
    dagsPause,
    dagsTest,
    dagsListImportErrors,
  ),
  grouped(
    "runs",
    "Look at runs, wait for them, cancel them.",
    runsList,
    runsShow,
    runsWatch,
    runsCancel,
  ),
  grouped(
    "tasks",
    "Look at tasks, do them again, set their state, test them.",
    tasksList,
    tasksClear,
    tasksMark,
    tasksTest,
    tasksExplain,
  ),
  grouped(
    "backfill",
    "Plan and make the runs of past dates.",
    backfillPlan,
    backfillCreate,
    backfillList,
    backfillStatus,
    backfillMove,
  ),
  grouped("pools", "Cap what runs at once across DAGs.", poolsList, poolsSet),
  grouped("connections", "Look at the systems that tasks reach.", connectionsList, connectionsTest),
  grouped("db", "Look after the schema of the engine.", dbMigrate, dbCheck),
  logs,
  grouped("alerts", "Look after alerts.", alertsTest, alertsStatus),
  health,
  doctor,
];
