import { tidemillError } from "../kernel/errors.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import type { TaskDefaults } from "./dag-options.ts";
import { type EdgeOptions, resolveEdges } from "./edges.ts";
import type { TaskKind, TaskManifest } from "./manifest.ts";
import { checkOptionsOrThrow, optionInvalid, type OptionRules } from "./option-rules.ts";
import { type WeightedTask, priorityWeights } from "./priority-weight.ts";
import {
  type AnyTaskOptions,
  type TaskCode,
  taskCode,
  taskManifest,
  type TaskVerb,
} from "./task-nodes.ts";
import type { BranchRef, SetupRef } from "./task-ref.ts";
import {
  branchRules,
  eachRules,
  sensorRules,
  shortCircuitRules,
  taskRules,
  teardownRules,
  triggerDagRules,
  waitForEventRules,
  waitForRunRules,
} from "./task-rules.ts";
import type { DagBuilder } from "./task.ts";

/** The most that a reference can be: only a branch has `is`, and the brand of a setup is of the types only. */
type AnyRef = BranchRef<never, never> & SetupRef<never>;

interface DeclaredTask {
  readonly manifest: TaskManifest;
  readonly code: TaskCode;
  readonly weightRule: WeightedTask["weightRule"];
}

const rulesOfKind: Readonly<Record<TaskKind, OptionRules>> = {
  task: taskRules,
  branch: branchRules,
  short_circuit: shortCircuitRules,
  each: eachRules,
  sensor: sensorRules,
  wait_event: waitForEventRules,
  wait_run: waitForRunRules,
  trigger: triggerDagRules,
};

/** Collects what the body of a DAG declares. */
export class Declaration {
  readonly #dagId: string;
  readonly #defaults: TaskDefaults;
  readonly #tasks = new Map<string, DeclaredTask>();
  readonly #refs = new WeakSet<object>();
  #isClosed = false;

  constructor(dagId: string, defaults: TaskDefaults) {
    this.#dagId = dagId;
    this.#defaults = defaults;
  }

  /** Ends the declaring, so that a builder kept by mistake is noticed; the tasks in order of declaration. */
  close(): { readonly manifests: TaskManifest[]; readonly codes: Map<string, TaskCode> } {
    this.#isClosed = true;
    const tasks = [...this.#tasks.values()];
    if (tasks.length === 0) throw tidemillError("TIDEMILL_DAG_EMPTY", { dagId: this.#dagId });
    return {
      manifests: finished(tasks),
      codes: new Map(tasks.map(({ manifest, code }) => [manifest.taskId, code])),
    };
  }

  declare(verb: TaskVerb, taskId: string, options: AnyTaskOptions): AnyRef {
    const subject = `task "${taskId}" of DAG "${this.#dagId}"`;
    if (this.#isClosed) throw tidemillError("TIDEMILL_DAG_CLOSED", { subject });
    checkIdOrThrow("Task", taskId);
    if (this.#tasks.has(taskId)) {
      throw tidemillError("TIDEMILL_TASK_DUPLICATE", { taskId, dagId: this.#dagId });
    }
    checkOptionsOrThrow(subject, options, rulesOf(verb));
    checkCasesOrThrow(subject, options.cases ?? []);
    const edges = resolveEdges(
      {
        dagId: this.#dagId,
        taskId,
        subject,
        refs: this.#refs,
        casesOf: (branch) => this.#tasks.get(branch)?.manifest.cases ?? [],
        isSetup: (setup) => this.#tasks.get(setup)?.manifest.role === "setup",
      },
      options as EdgeOptions,
    );
    this.#tasks.set(taskId, {
      manifest: taskManifest(taskId, verb, options, edges, this.#defaults),
      code: taskCode(verb.kind, options),
      weightRule: options.weightRule ?? this.#defaults.weightRule ?? "downstream",
    });
    return this.#refer(verb.kind, taskId);
  }

  #refer(kind: TaskKind, taskId: string): AnyRef {
    const ref = { taskId };
    if (kind === "branch") {
      Object.assign(ref, { is: (label: string) => Object.freeze({ branch: ref, label }) });
    }
    this.#refs.add(Object.freeze(ref));
    return ref as AnyRef;
  }
}

/** A builder whose tasks get `prefix` before their ids. */
export function createBuilder<P>(
  declaration: Declaration,
  dagId: string,
  prefix = "",
): DagBuilder<P> {
  const declare = (kind: TaskKind, role?: TaskVerb["role"]) => {
    const verb: TaskVerb = { kind, ...(role && { role }) };
    return (taskId: string, options: object) =>
      declaration.declare(verb, prefix + checkIdOrThrow("Task", taskId), options);
  };
  const group: DagBuilder<P>["group"] = (groupId, define) => {
    checkIdOrThrow("Group", groupId);
    const result = define(createBuilder<P>(declaration, dagId, `${prefix}${groupId}.`));
    refusePromise(result, `Group "${prefix}${groupId}" of DAG "${dagId}"`);
    return result;
  };
  return Object.freeze({
    task: declare("task"),
    setup: declare("task", "setup"),
    teardown: declare("task", "teardown"),
    branch: declare("branch"),
    shortCircuit: declare("short_circuit"),
    each: declare("each"),
    sensor: declare("sensor"),
    waitForEvent: declare("wait_event"),
    waitForRun: declare("wait_run"),
    triggerDag: declare("trigger"),
    group,
  });
}

function rulesOf({ kind, role }: TaskVerb): OptionRules {
  return role === "teardown" ? teardownRules : rulesOfKind[kind];
}

/** A body that awaits would go on declaring after the DAG was read. */
export function refusePromise(result: unknown, subject: string): void {
  if (!(result instanceof Promise)) return;
  result.catch(() => undefined);
  throw tidemillError("TIDEMILL_DAG_ASYNC", { subject });
}

function checkCasesOrThrow(subject: string, cases: readonly string[]): void {
  const twice = cases.find((label, i) => cases.indexOf(label) < i);
  if (twice === undefined) return;
  throw optionInvalid(subject, "cases", `names "${twice}" twice`, "name each case once");
}

/** Puts upstream ids in order of declaration and computes the weights, once all tasks are known. */
function finished(tasks: readonly DeclaredTask[]): TaskManifest[] {
  const position = new Map(tasks.map(({ manifest }, i) => [manifest.taskId, i]));
  const upstream = tasks.map(({ manifest }) =>
    manifest.upstream.map((taskId) => position.get(taskId) ?? 0).sort((a, b) => a - b),
  );
  const weights = priorityWeights(
    tasks.map(({ manifest, weightRule }, i) => {
      const ownWeight = manifest.priorityWeight;
      return { upstream: upstream[i] ?? [], ownWeight, weightRule };
    }),
  );
  return tasks.map(({ manifest }, i) => ({
    ...manifest,
    upstream: (upstream[i] ?? []).flatMap((at) => tasks[at]?.manifest.taskId ?? []),
    priorityWeight: weights[i] ?? manifest.priorityWeight,
  }));
}
