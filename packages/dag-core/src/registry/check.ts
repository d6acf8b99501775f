import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { poolProblem } from "../definition/pool-problem.ts";
import { targetProblem } from "../definition/target-problem.ts";
import { durationMs } from "../kernel/duration.ts";
import type { Registry } from "./registry.ts";
import { checkTask } from "./check-task.ts";

/** An `error` keeps a DAG or a task from ever running; a `warning` does what it says, which may not be what was meant. */
export interface CheckProblem {
  readonly level: "error" | "warning";
  readonly dagId?: string;
  readonly taskId?: string;
  /** The file, for a DAG that could not be loaded. */
  readonly file?: string;
  readonly message: string;
}

export interface CheckDagsOptions {
  /** Slots of each pool, -1 for unlimited. Without it nothing is said of pools. */
  readonly pools?: ReadonlyMap<string, number>;
  /** The moment that "past" and "future" refer to. Defaults to now. */
  readonly now?: Date;
}

/**
 * What is wrong or surprising in a set of DAGs, for `tidemill check` and a test of a project's DAGs.
 *
 * @example
 * const problems = checkDags(await loadRegistry("dags"), { pools: new Map([["dwh", 4]]) });
 * expect(problems.filter((problem) => problem.level === "error")).toEqual([]);
 */
export function checkDags(registry: Registry, options: CheckDagsOptions = {}): CheckProblem[] {
  const broken = registry.errors.map(({ file, error }): CheckProblem => {
    return { level: "error", file, message: error.message };
  });
  const manifests = [...registry.dags.values()].map((dag) => dag.manifest);
  return [
    ...broken,
    ...manifests.flatMap((manifest) => checkManifest(manifest, options)),
    ...checkConcurrencyKeys(manifests),
    ...checkTargets(registry, manifests),
  ];
}

/** Whether a file that could not be loaded declares a DAG that another names is not known. */
function checkTargets({ errors }: Registry, manifests: readonly DagManifest[]): CheckProblem[] {
  const known = new Set(manifests.map((manifest) => manifest.dagId));
  const level = errors.length > 0 ? "warning" : "error";
  return manifests.flatMap(({ dagId, tasks }) =>
    tasks.flatMap((task) => {
      const message = targetProblem(dagId, task, known)?.message;
      return message === undefined ? [] : [problemOf(level, dagId, task, message)];
    }),
  );
}

function checkManifest(manifest: DagManifest, options: CheckDagsOptions): CheckProblem[] {
  const { dagId } = manifest;
  const dates = checkDates(manifest, options.now ?? new Date()).map((message): CheckProblem => {
    return { level: "warning", dagId, message };
  });
  const cases = branchConflicts(manifest);
  const tasks = manifest.tasks.flatMap((task) => {
    const poolError = options.pools && poolProblem(dagId, task, options.pools)?.message;
    const conflict = cases.get(task.taskId);
    return [
      ...(poolError === undefined ? [] : [problemOf("error", dagId, task, poolError)]),
      ...[...checkTask(manifest, task), ...(conflict === undefined ? [] : [conflict])].map(
        (message) => problemOf("warning", dagId, task, message),
      ),
    ];
  });
  return [...dates, ...tasks];
}

function problemOf(
  level: CheckProblem["level"],
  dagId: string,
  { taskId }: TaskManifest,
  message: string,
): CheckProblem {
  return { level, dagId, taskId, message };
}

function checkDates(manifest: DagManifest, now: Date): string[] {
  const { dagId, schedule, startDate, endDate } = manifest;
  if (schedule.kind === "none") return [];
  const subject = `DAG "${dagId}"`;
  const messages: string[] = [];
  if (Date.parse(startDate) - now.getTime() > durationMs("365d")) {
    messages.push(`${subject} starts on ${startDate}, more than a year ahead; check its startDate`);
  }
  if (endDate !== undefined && Date.parse(endDate) < now.getTime()) {
    messages.push(
      `${subject} ended on ${endDate} and plans no more runs; remove it or its endDate`,
    );
  }
  return messages;
}

/** A branch often takes one way, and skips a task that needs the success of two. */
function branchConflicts(manifest: DagManifest): Map<string, string> {
  const needs = new Map<string, ReadonlyMap<string, string>>();
  const conflicts = new Map<string, string>();
  for (const { taskId, triggerRule, upstream, when } of manifest.tasks) {
    if (triggerRule !== "all_success") continue;
    const own = new Map<string, string>();
    for (const [branch, label] of upstream.flatMap((up) => [...(needs.get(up) ?? [])])) {
      const other = own.get(branch);
      if (other !== undefined && other !== label) {
        conflicts.set(
          taskId,
          `Task "${taskId}" of DAG "${manifest.dagId}" waits for both "${other}" and "${label}" of branch "${branch}", so it runs only where both are chosen; use triggerRule "none_failed_min_one_success"`,
        );
      }
      own.set(branch, label);
    }
    // A case that leads to a task of another case is followed by it.
    if (when && !own.has(when.branch)) own.set(when.branch, when.label);
    // Below a conflict everything is skipped for the same reason; one message is enough.
    needs.set(taskId, conflicts.has(taskId) ? new Map() : own);
  }
  return conflicts;
}

function checkConcurrencyKeys(manifests: readonly DagManifest[]): CheckProblem[] {
  const limits = new Map<string, { readonly limit: number; readonly where: string }>();
  const problems: CheckProblem[] = [];
  for (const { dagId, tasks } of manifests) {
    for (const task of tasks) {
      if (!task.concurrencyKey) continue;
      const { key, limit } = task.concurrencyKey;
      const where = `task "${task.taskId}" of DAG "${dagId}"`;
      const first = limits.get(key) ?? { limit, where };
      limits.set(key, first);
      if (first.limit === limit) continue;
      const message = `Concurrency key "${key}" has limit ${limit} in ${where} and ${first.limit} in ${first.where}; write one limit`;
      problems.push(problemOf("warning", dagId, task, message));
    }
  }
  return problems;
}
