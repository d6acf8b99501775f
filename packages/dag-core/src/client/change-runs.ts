import type { TaskInstanceState } from "../definition/states.ts";
import { tidemillError } from "../kernel/errors.ts";
import { runIdsBetween } from "../store/client.ts";
import type { Transaction } from "../store/database.ts";
import { parseDate, parseDateInclusive } from "../timetable/parse-date.ts";
import { findDagOrThrow, findRunOrThrow, notify, type Scope } from "./scope.ts";

export interface RunChoice {
  readonly dagId: string;
  /** One run; else the runs of a range. */
  readonly runId?: string | undefined;
  /** First logical date, in the DAG's zone. */
  readonly from?: string | undefined;
  /** Last logical date, included; a date without time of day means all of that day. */
  readonly to?: string | undefined;
}

export interface ChangeRunsOptions {
  /** Tells what would be changed and changes nothing. Defaults to false. */
  readonly dryRun?: boolean | undefined;
  /** Told after each run of a verb over many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface ChangedTask {
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  /** The state that it had. */
  readonly state: TaskInstanceState;
}

export interface TasksChanged {
  readonly isDryRun: boolean;
  readonly runIds: readonly string[];
  readonly tasks: readonly ChangedTask[];
}

/** @throws TidemillError when neither a run nor a range is given, or the DAG, the run or a date is none */
export async function chooseRuns({ database }: Scope, choice: RunChoice): Promise<string[]> {
  const { dagId, runId, from, to } = choice;
  if (runId !== undefined) return [(await findRunOrThrow(database, dagId, runId)).run_id];
  const { manifest } = await findDagOrThrow(database, dagId);
  if (from === undefined || to === undefined) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `The choice of runs of DAG "${dagId}"`,
      problem: "names neither a run nor a range",
      remedy: "give a run id, or a first and a last date",
    });
  }
  const range = {
    from: parseDate(from, manifest.timezone),
    to: parseDateInclusive(to, manifest.timezone),
  };
  if (range.from <= range.to) return runIdsBetween(database, dagId, range);
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The range ${from} to ${to}`,
    problem: "is backward",
    remedy: "exchange the dates",
  });
}

/** Changes tasks of runs, in a transaction for each, and wakes the processes after the last. */
export async function changeRuns(
  scope: Scope,
  runIds: readonly string[],
  { dryRun: isDryRun = false, onProgress }: ChangeRunsOptions,
  change: (tx: Transaction, runId: string) => Promise<readonly ChangedTask[]>,
): Promise<TasksChanged> {
  const tasks: ChangedTask[] = [];
  for (const [index, runId] of runIds.entries()) {
    tasks.push(...(await scope.database.transaction((tx) => change(tx, runId))));
    onProgress?.(index + 1, runIds.length);
  }
  if (!isDryRun && tasks.length > 0) {
    await notify(scope, tasks.some((task) => task.state === "running") ? "cancel" : "");
  }
  const touched = new Set(tasks.map((task) => task.runId));
  return { isDryRun, runIds: runIds.filter((runId) => touched.has(runId)), tasks };
}
