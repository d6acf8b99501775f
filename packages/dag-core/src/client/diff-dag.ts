import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { dagList, runList } from "../store/read-model.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { joiningInterval, scheduleWarnings } from "./diff-schedule.ts";
import { type NextExecution, upcoming } from "./next-execution.ts";
import { findDagOrThrow, type Scope } from "./scope.ts";

export interface DagDiffOptions {
  /** How many next runs to compare, 1 to 100. Defaults to 5. */
  readonly count?: number | undefined;
}

/** A field of a DAG or a task that differs; undefined where it is not set. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface TaskChange {
  readonly taskId: string;
  readonly fields: readonly FieldChange[];
}

/** What a manifest changes against the registered one. */
export interface DagDiff {
  readonly dagId: string;
  readonly isSame: boolean;
  readonly fields: readonly FieldChange[];
  readonly tasks: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly TaskChange[];
  };
  readonly nextRuns: {
    readonly before: readonly NextExecution[];
    readonly after: readonly NextExecution[];
  };
  /** The interval that joins the time that is covered with the first tick of the new schedule, where there is one. */
  readonly joining: Interval | undefined;
  /** Ids of runs that have not ended: they keep the tasks and edges that they were made with. */
  readonly keptRuns: readonly string[];
  /** What is lost, moved or easily overlooked. */
  readonly warnings: readonly string[];
}

const mostRuns = 10_000;

/**
 * Compares a manifest that is not registered yet with the DAG of its id.
 *
 * @throws TidemillError `TIDEMILL_DAG_NOT_FOUND` for a DAG that is not registered at all.
 */
export async function diffDag(
  { database }: Scope,
  after: DagManifest,
  { count = 5 }: DagDiffOptions = {},
): Promise<DagDiff> {
  const { manifest: before, now } = await findDagOrThrow(database, after.dagId);
  const [dag] = await dagList(database, after.dagId);
  const unfinished = ["queued", "running"] as const;
  const open = await Promise.all(
    unfinished.map((state) => runList(database, { dagId: after.dagId, state, limit: mostRuns })),
  );
  const keptRuns = open.flat().map((run) => run.run_id);
  const coveredUntil = dag?.last_interval_end ?? undefined;
  return compareManifests({ before, after, coveredUntil, keptRuns, now, count });
}

export interface CompareOptions {
  readonly before: DagManifest;
  readonly after: DagManifest;
  /** Where automated time ends; undefined: the DAG has not run yet. */
  readonly coveredUntil: Date | undefined;
  readonly keptRuns: readonly string[];
  readonly now: Date;
  readonly count: number;
}

/** The difference of two manifests of one DAG. Pure. */
export function compareManifests(options: CompareOptions): DagDiff {
  const { before, after, coveredUntil, keptRuns, now, count } = options;
  const fields = changedFields(before, after, ["dagId", "tasks"]);
  const tasks = changedTasks(before.tasks, after.tasks);
  const isSame = fields.length + changes(tasks) === 0;
  const nextOf = (manifest: DagManifest) => upcoming(manifest, coveredUntil, now, count);
  const nextRuns = { before: nextOf(before), after: nextOf(after) };
  const graph = graphWarnings(tasks, keptRuns);
  return {
    dagId: after.dagId,
    isSame,
    fields,
    tasks,
    nextRuns,
    joining: joiningInterval(options, nextRuns),
    keptRuns: isSame ? [] : keptRuns,
    warnings: [...scheduleWarnings(options, nextRuns), ...graph],
  };
}

function changes({ added, removed, changed }: DagDiff["tasks"]): number {
  return added.length + removed.length + changed.length;
}

function changedFields(before: object, after: object, but: readonly string[]): FieldChange[] {
  const values = [before, after].map((one) => new Map<string, unknown>(Object.entries(one)));
  const names = new Set(values.flatMap((one) => [...one.keys()]));
  return [...names].flatMap((field) => {
    const [was, is] = values.map((one) => one.get(field));
    if (but.includes(field) || textOf(was) === textOf(is)) return [];
    return [{ field, before: was, after: is }];
  });
}

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : canonicalJson(value);

function changedTasks(
  before: readonly TaskManifest[],
  after: readonly TaskManifest[],
): DagDiff["tasks"] {
  const old = new Map(before.map((task) => [task.taskId, task]));
  const ids = new Set(after.map((task) => task.taskId));
  return {
    added: [...ids].filter((taskId) => !old.has(taskId)),
    removed: [...old.keys()].filter((taskId) => !ids.has(taskId)),
    changed: after.flatMap((task) => {
      const { taskId } = task;
      const fields = changedFields(old.get(taskId) ?? task, task, []);
      return fields.length === 0 ? [] : [{ taskId, fields }];
    }),
  };
}

function graphWarnings(tasks: DagDiff["tasks"], keptRuns: readonly string[]): string[] {
  if (keptRuns.length === 0 || changes(tasks) === 0) return [];
  const { removed } = tasks;
  const gone = removed.map((taskId) => `"${taskId}"`).join(", ");
  const lost =
    gone === "" ? "" : `; ${gone}, which the code no longer has, becomes removed in them`;
  return [`runs that have not ended (${keptRuns.length}) keep the old tasks and edges${lost}`];
}
