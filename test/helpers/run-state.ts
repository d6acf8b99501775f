import type { Dag } from "@tidemill/dag-core";
import type { TaskInstanceState } from "../../packages/dag-core/src/definition/states.ts";
import { dagGraph } from "../../packages/dag-core/src/rules/dag-graph.ts";
import {
  type InstanceState,
  newInstance,
  RunState,
} from "../../packages/dag-core/src/rules/run-state.ts";

export type InstanceFacts = Partial<Omit<InstanceState, "taskInstanceId" | "taskId">>;

/** A run in memory. States by task id, mapped instances as `task[index]`; tasks left out are `none`. */
export function runStateOf(
  { manifest }: Dag,
  states: Readonly<Record<string, TaskInstanceState | InstanceFacts>> = {},
): RunState {
  const named = Object.keys(states).map((name) => name.replace(/\[\d+\]$/, ""));
  const missing = manifest.tasks.map((task) => task.taskId).filter((id) => !named.includes(id));
  const all = [...missing.map((id) => [id, {}] as const), ...Object.entries(states)];
  return new RunState(
    "1",
    dagGraph(manifest, "hash"),
    all.map(([name, facts], n) => made(name, facts, n, manifest)),
  );
}

function made(
  name: string,
  given: TaskInstanceState | InstanceFacts,
  n: number,
  manifest: Dag["manifest"],
): InstanceState {
  const facts = typeof given === "string" ? { state: given } : given;
  const taskId = name.replace(/\[\d+\]$/, "");
  const index = /\[(\d+)\]$/.exec(name)?.[1];
  const state = facts.state ?? "none";
  return newInstance({
    taskInstanceId: String(n + 1),
    taskId,
    mapIndex: index === undefined ? -1 : Number(index),
    state,
    tryNumber: state === "none" ? 0 : 1,
    maxTries: manifest.tasks.find((task) => task.taskId === taskId)?.retries ?? 0,
    ...(state === "running" && { handOff: 1, lease: `lease ${n}`, processId: "1" }),
    ...facts,
  });
}

/** States by name, mapped instances as `task[index]`. */
export function statesOf(run: RunState): Record<string, string> {
  const name = ({ taskId, mapIndex }: InstanceState) =>
    mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
  return Object.fromEntries([...run.all()].map((i) => [name(i), i.state]));
}

/** The only instance of a task. */
export function only(run: RunState, taskId: string): InstanceState {
  const [instance] = run.instancesOf(taskId);
  if (!instance) throw new Error(`no instance of ${taskId}`);
  return instance;
}
