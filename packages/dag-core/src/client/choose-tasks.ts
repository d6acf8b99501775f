import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { tidemillError } from "../kernel/errors.ts";
import { dagGraph } from "../rules/dag-graph.ts";
import { teardownIds } from "../rules/gates.ts";
import { teardownsOf } from "../rules/setups.ts";
import type { InstanceStateRow } from "../store/client.ts";
import { checkTaskOrThrow } from "./scope.ts";

/** Which tasks of a run a verb is about. Nothing given: all. */
export interface TaskChoice {
  readonly taskIds?: readonly string[] | undefined;
  /** A regular expression that an id must match somewhere. */
  readonly taskRegex?: string | undefined;
  /** One instance of a mapped task. */
  readonly mapIndex?: number | undefined;
  /** All tasks before the chosen ones too. Defaults to false. */
  readonly upstream?: boolean | undefined;
  /** All tasks after the chosen ones too. Defaults to false. */
  readonly downstream?: boolean | undefined;
  /** Of these only what failed, or could not run because something before it failed. Defaults to false. */
  readonly onlyFailed?: boolean | undefined;
  /** Of these only what runs. Defaults to false. */
  readonly onlyRunning?: boolean | undefined;
}

/**
 * Ids of the chosen tasks, in the order of the manifest.
 *
 * @throws TidemillError `TIDEMILL_TASK_NOT_FOUND`, `TIDEMILL_INPUT_INVALID` for a text that is no regular expression.
 */
function chooseTasks(manifest: DagManifest, choice: TaskChoice): ReadonlySet<string> {
  const { taskIds = [], taskRegex, upstream = false, downstream = false } = choice;
  for (const taskId of taskIds) checkTaskOrThrow(manifest, taskId);
  const isAll = taskIds.length === 0 && taskRegex === undefined;
  const pattern = taskRegex === undefined ? undefined : patternOrThrow(taskRegex);
  const named = ({ taskId }: TaskManifest) => taskIds.includes(taskId) || pattern?.test(taskId);
  const chosen = manifest.tasks.filter((task) => isAll || named(task)).map((task) => task.taskId);
  const ids = new Set(chosen);
  if (downstream) for (const taskId of downstreamOf(manifest, chosen)) ids.add(taskId);
  if (upstream) for (const taskId of upstreamOf(manifest, chosen)) ids.add(taskId);
  return ids;
}

function patternOrThrow(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    const subject = `Task pattern "${text}"`;
    const details = { subject, problem: "is not a regular expression", remedy: "correct it" };
    throw tidemillError("TIDEMILL_INPUT_INVALID", details, { cause });
  }
}

/** The tasks after some, near and far; the tasks of a manifest are in topological order. */
export function downstreamOf(manifest: DagManifest, taskIds: Iterable<string>): Set<string> {
  const reached = new Set(taskIds);
  const found = new Set<string>();
  for (const { taskId, upstream } of manifest.tasks) {
    if (!upstream.some((id) => reached.has(id))) continue;
    reached.add(taskId);
    found.add(taskId);
  }
  return found;
}

function upstreamOf(manifest: DagManifest, taskIds: Iterable<string>): Set<string> {
  const wanted = new Set(taskIds);
  const found = new Set<string>();
  for (const { taskId, upstream } of manifest.tasks.toReversed()) {
    if (!wanted.has(taskId)) continue;
    for (const id of upstream) {
      wanted.add(id);
      found.add(id);
    }
  }
  return found;
}

/** What did not do its work: a person's cancel counts as a failure. */
export const failedStates: ReadonlySet<string> = new Set([
  "failed",
  "upstream_failed",
  "cancelled",
]);

/**
 * The setups that tasks need and the teardowns of these: what was torn down has to be set up again for them, and torn
 * down again after them.
 */
export function setupsFor(manifest: DagManifest, taskIds: Iterable<string>): ReadonlySet<string> {
  const { tasks, setups, downstream } = dagGraph(manifest, "");
  const roleOf = (taskId: string) => tasks.get(taskId)?.role;
  const needed = new Set<string>();
  for (const taskId of taskIds) {
    if (roleOf(taskId) === "setup") needed.add(taskId);
    if (roleOf(taskId) === undefined) for (const id of setups.get(taskId) ?? []) needed.add(id);
  }
  const teardowns = teardownIds(manifest.tasks);
  for (const id of [...needed])
    for (const end of teardownsOf(downstream, id, teardowns)) needed.add(end);
  return needed;
}

/** The instances of the chosen tasks that a verb changes. */
export function chooseInstances(
  manifest: DagManifest,
  instances: readonly InstanceStateRow[],
  choice: TaskChoice,
): readonly InstanceStateRow[] {
  const ids = chooseTasks(manifest, choice);
  return instances.filter(
    ({ task_id, map_index, state }) =>
      ids.has(task_id) &&
      (choice.mapIndex === undefined || map_index === choice.mapIndex) &&
      (choice.onlyFailed !== true || failedStates.has(state)) &&
      (choice.onlyRunning !== true || state === "running"),
  );
}
