import path from "node:path";
import type { Dag } from "../../definition/dag.ts";
import { tidemillError } from "../../kernel/errors.ts";
import { checkIdOrThrow } from "../../kernel/ids.ts";
import { namedInterval } from "../../timetable/named-interval.ts";
import { timetableOf } from "../../timetable/parse-schedule.ts";
import { checkedParamsOrThrow } from "../../definition/params.ts";
import { findDagFiles, loadDagFile } from "../../registry/load.ts";
import { runTask, type RunTaskOptions } from "../../testing/run-task.ts";
import type { DagTested, RunRequest, TaskTested, Tell, UserRequest } from "./messages.ts";
import { tellLogs, testedOf, testRunId } from "./tested.ts";
import { walkDag } from "./walk-dag.ts";

type Given = Pick<RunTaskOptions, "dataInterval" | "params">;

/** Runs one try of one task in this process. */
export async function testTask(
  request: Extract<UserRequest, { type: "task_test" }>,
  tell: Tell,
): Promise<TaskTested> {
  const dag = await loadDag(request, tell);
  const { taskId, item, mapIndex } = request;
  checkItem(dag, request);
  checkInputs(dag, request);
  const begun = performance.now();
  const result = await runTask(dag, taskId, {
    ...givenOf(dag, request),
    inputs: Object(request.inputs ?? {}) as Readonly<Record<string, unknown>>,
    ...(item !== undefined && { item }),
    ...(mapIndex !== undefined && { mapIndex }),
  });
  await tellLogs(result, tell);
  return testedOf(result, taskId, mapIndex ?? -1, 1, performance.now() - begun);
}

/** A list that is the output of a task is only known in a run. */
function checkItem(dag: Dag, { taskId, item }: Extract<UserRequest, { type: "task_test" }>): void {
  const task = dag.manifest.tasks.find((one) => one.taskId === taskId);
  const isMapped = task?.kind === "each";
  const subject = `Task "${taskId}"`;
  if (item !== undefined && task && !isMapped) {
    const problem = "is not mapped and takes no item";
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy: "leave out --item" });
  }
  const isListKnown = dag.tasks.get(taskId)?.items !== undefined;
  if (item !== undefined || !isMapped || isListKnown) return;
  const problem = "is mapped over the output of a task, which is not known here";
  const remedy = `name one item of it with --item '<json>'`;
  throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy });
}

/** A task that runs after successes only does not expect an input to be missing. */
function checkInputs(
  dag: Dag,
  { taskId, inputs }: Extract<UserRequest, { type: "task_test" }>,
): void {
  const task = dag.manifest.tasks.find((one) => one.taskId === taskId);
  if (task?.triggerRule !== "all_success") return;
  const given = Object(inputs ?? {}) as Readonly<Record<string, unknown>>;
  const missing = Object.entries(task.inputs).filter(([name]) => given[name] === undefined);
  const [first] = missing;
  if (!first) return;
  const [name, upstream] = first;
  const wanted = missing.map(([input]) => `"${input}":...`).join(",");
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Input "${name}" of task "${taskId}"`,
    problem: `is not given, and it is the output of task "${upstream}", which does not run here`,
    remedy: `add --inputs '{${wanted}}', or run all tasks with "tidemill dags test ${dag.dagId}"`,
  });
}

/** Runs all tasks of a DAG in this process, by the rules of the engine, one after the other. */
export async function testDag(
  request: Extract<UserRequest, { type: "dag_test" }>,
  tell: Tell,
): Promise<DagTested> {
  const dag = await loadDag(request, tell);
  const { events = {}, runId = testRunId(new Date()) } = request;
  checkIdOrThrow("Run", runId);
  return walkDag(dag, { ...givenOf(dag, request), events, runId }, tell);
}

/** Imports the file of a DAG, found by its name. */
export async function loadDag(
  { folder, dagId }: Pick<RunRequest, "folder" | "dagId">,
  tell: Tell,
): Promise<Dag> {
  const files = await findDagFiles(folder);
  const nameOf = (file: string) => path.parse(file).name;
  const file = files.find((one) => nameOf(one) === dagId);
  if (file === undefined) {
    throw tidemillError("TIDEMILL_DAG_NOT_FOUND", {
      dagId,
      known: files.map(nameOf),
      isOfFiles: true,
    });
  }
  await tell({ type: "importing", file });
  const loaded = await loadDagFile(file);
  await tell({ type: "loaded" });
  if ("error" in loaded) throw loaded.error;
  return loaded.dag;
}

function givenOf(dag: Dag, { params, interval }: RunRequest): Given {
  const { manifest } = dag;
  const checked = Object(checkedParamsOrThrow(manifest, params)) as Record<string, unknown>;
  const timetable = timetableOf(manifest);
  const now = new Date();
  const found =
    interval === undefined
      ? (timetable.lastComplete(now) ?? { start: now, end: now })
      : namedInterval(timetable, interval, manifest.timezone);
  if (found) return { params: checked, dataInterval: found };
  const details = { dagId: dag.dagId, date: interval, schedule: JSON.stringify(manifest.schedule) };
  throw tidemillError("TIDEMILL_INTERVAL_NONE", details);
}
