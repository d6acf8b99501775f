import { setTimeout as wait } from "node:timers/promises";
import type { Dag } from "../../definition/dag.ts";
import { manifestHash } from "../../definition/manifest-hash.ts";
import { finishedStates } from "../../definition/states.ts";
import { parseWakeKey } from "../../definition/wake-key.ts";
import { dagGraph } from "../../rules/dag-graph.ts";
import { choicesOf } from "../../executor/outcome.ts";
import { decide } from "../../rules/decide.ts";
import { stop, stoppable } from "../../rules/finish.ts";
import { type InstanceState, newInstance, RunState } from "../../rules/run-state.ts";
import { runTask, type RunTaskOptions, type TaskResult } from "../../testing/run-task.ts";
import { instanceName } from "../../kernel/instance-name.ts";
import type { DagTested, TaskTested, Tell } from "./messages.ts";
import { saidOf, tellLogs, testedOf } from "./tested.ts";

/** A test does not wait for as long as the real thing would. */
const longestWaitMs = 5_000;

export interface WalkOptions extends RunTaskOptions {
  /** Payloads of the events that it gets, by name. */
  readonly events: Readonly<Record<string, unknown>>;
  readonly runId: string;
}

/** Runs the tasks of a DAG one after the other; what follows what is decided by the rules of the engine. */
export async function walkDag(dag: Dag, given: WalkOptions, tell: Tell): Promise<DagTested> {
  const graph = dagGraph(dag.manifest, manifestHash(dag.manifest));
  const ids = [...graph.tasks.keys()];
  const run = new RunState(
    "0",
    graph,
    ids.map((taskId) => newInstance({ taskInstanceId: taskId, taskId })),
  );
  const outputs = new Map<InstanceState, unknown>();
  const tested: TaskTested[] = [];
  decide(run, ids, new Date());
  for (let ready = nextOf(run); ready; ready = nextOf(run)) {
    expand(run);
    const one = await tryUntilEnd(dag, ready, { ...given, ...inputsOf(run, ready, outputs) }, tell);
    tested.push(one.tested);
    outputs.set(ready, one.result.output);
    settle(run, ready, one.result);
    decide(run, ids, new Date());
  }
  const isFailed = [...run.all()].some(
    (i) => i.state === "failed" || i.state === "upstream_failed",
  );
  const untried = untriedOf(run, new Set(outputs.keys()));
  const tasks = [...tested, ...untried];
  return { dagId: dag.dagId, state: isFailed ? "failed" : "success", tasks };
}

/** What a run would end without a try: skipped, or failed because of what comes before. */
function untriedOf(run: RunState, tried: ReadonlySet<InstanceState>): readonly TaskTested[] {
  return [...run.all()]
    .filter((one) => !tried.has(one) && finishedStates.has(one.state) && one.state !== "removed")
    .map(({ taskId, mapIndex, state }) => {
      return { taskId, mapIndex, state, tries: 0, output: undefined, ms: 0 };
    });
}

const nextOf = (run: RunState): InstanceState | undefined =>
  [...run.all()].find((instance) => instance.state === "scheduled");

/** The rules name the mapped instances that are wanted; the engine makes their rows. */
function expand(run: RunState): void {
  for (const { taskId, from, length } of run.expansions.splice(0)) {
    for (let mapIndex = from; mapIndex < length; mapIndex++) {
      const taskInstanceId = `${taskId}[${mapIndex}]`;
      run.add(newInstance({ taskInstanceId, taskId, mapIndex, state: "scheduled", tryNumber: 1 }));
    }
  }
}

function inputsOf(
  run: RunState,
  { taskId, mapIndex }: InstanceState,
  outputs: ReadonlyMap<InstanceState, unknown>,
): Pick<RunTaskOptions, "inputs" | "item" | "mapIndex"> {
  const task = run.graph.tasks.get(taskId);
  const outputOf = (upstream: string): unknown => {
    const made = run.instancesOf(upstream).filter((one) => one.state === "success");
    const isMapped = run.graph.tasks.get(upstream)?.kind === "each";
    const values = made.map((one) => outputs.get(one));
    return isMapped ? values : values[0];
  };
  const inputs = Object.entries(task?.inputs ?? {}).map(([name, id]) => [name, outputOf(id)]);
  const source = task?.over && "task" in task.over ? outputOf(task.over.task) : undefined;
  const item: unknown = Array.isArray(source) ? source[mapIndex] : undefined;
  return {
    inputs: Object.fromEntries(inputs) as Record<string, unknown>,
    ...(item !== undefined && { item }),
    ...(mapIndex >= 0 && { mapIndex }),
  };
}

async function tryUntilEnd(
  dag: Dag,
  instance: InstanceState,
  { events, ...options }: WalkOptions,
  tell: Tell,
): Promise<{ readonly result: TaskResult; readonly tested: TaskTested }> {
  const { taskId, mapIndex } = instance;
  const name = instanceName(instance);
  const begun = performance.now();
  const giveUpAt =
    begun + (dag.manifest.tasks.find((t) => t.taskId === taskId)?.pokeTimeoutMs ?? 0);
  for (let tryNumber = 1; ;) {
    const result = woken(await runTask(dag, taskId, { ...options, tryNumber }), events);
    await tellLogs(result, tell);
    const said = saidOf(result);
    const why = said === undefined ? "" : `: ${said}`;
    await tell({ type: "progress", text: `${name} is ${result.state}${why}` });
    const goesOn =
      result.state === "up_for_retry" ||
      (result.state === "up_for_reschedule" && performance.now() < giveUpAt);
    if (!goesOn) {
      const ms = performance.now() - begun;
      return { result, tested: testedOf(result, taskId, mapIndex, tryNumber, ms) };
    }
    if (result.state === "up_for_retry") tryNumber += 1;
    await wait(Math.min(result.afterMs ?? 0, longestWaitMs));
  }
}

/** A wait for an event that is given ends with its payload. */
function woken(result: TaskResult, events: WalkOptions["events"]): TaskResult {
  const { awaits, ...rest } = result;
  const awaited = awaits === undefined ? undefined : parseWakeKey(awaits);
  if (awaited?.kind !== "event" || !(awaited.name in events)) return result;
  return { ...rest, state: "success", output: events[awaited.name] };
}

/** What the engine stores of an attempt, in memory. */
function settle(run: RunState, instance: InstanceState, { state, output }: TaskResult): void {
  const task = run.graph.tasks.get(instance.taskId);
  const isEnd = state === "success" || state === "skipped";
  if (task && state === "success") instance.choices = choicesOf(output, task) ?? null;
  instance.listLength = Array.isArray(output) ? output.length : null;
  run.move(instance, isEnd ? state : "failed");
  instance.endedAt = new Date();
  const stops = !isEnd && run.graph.manifest.failFast === true && task?.role !== "teardown";
  for (const other of stops ? stoppable(run) : []) stop(run, other, "fail_fast", new Date());
}
