import { tidemillError } from "../kernel/errors.ts";
import { optionInvalid } from "./option-rules.ts";
import type { BranchCase, Inputs, TaskRef } from "./task-ref.ts";

/** What the edges of a task are checked against. */
export interface EdgeScope {
  readonly dagId: string;
  readonly taskId: string;
  readonly subject: string;
  /** The references that this DAG handed out. */
  readonly refs: WeakSet<object>;
  readonly casesOf: (branchId: string) => readonly string[];
  readonly isSetup: (taskId: string) => boolean;
}

export interface EdgeOptions {
  readonly inputs?: Inputs;
  readonly after?: readonly TaskRef[];
  readonly when?: BranchCase;
  readonly of?: readonly TaskRef[];
  readonly over?: TaskRef<readonly unknown[]> | readonly unknown[];
}

export interface Edges {
  readonly inputs: Readonly<Record<string, string>>;
  readonly when?: { readonly branch: string; readonly label: string };
  /** The task that yields the list of an `each`. */
  readonly over?: string;
  readonly upstream: ReadonlySet<string>;
}

/**
 * Resolves the references in a task's options to ids.
 *
 * @throws TidemillError `TIDEMILL_EDGE_FOREIGN` for a task of another DAG, `TIDEMILL_OPTION_INVALID` for what is no task.
 */
export function resolveEdges(scope: EdgeScope, options: EdgeOptions): Edges {
  const inputs = resolveInputs(scope, options.inputs);
  const after = [
    ...resolveList(scope, "after", options.after),
    ...resolveSetups(scope, options.of),
  ];
  const when = options.when === undefined ? undefined : resolveWhen(scope, options.when);
  const over = isList(options.over) ? undefined : resolve(scope, "over", options.over);
  const upstream = [...Object.values(inputs), ...after, when?.branch, over];
  return {
    inputs,
    ...(when && { when }),
    ...(over !== undefined && { over }),
    upstream: new Set(upstream.filter((taskId) => taskId !== undefined)),
  };
}

/** An absent list has no edge either. */
function isList(over: EdgeOptions["over"]): over is readonly unknown[] | undefined {
  return over === undefined || Array.isArray(over);
}

function resolveInputs(scope: EdgeScope, inputs: Inputs = {}): Record<string, string> {
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) {
    throw optionInvalid(
      scope.subject,
      "inputs",
      "is not an object",
      "write { name: task } for each task whose output it reads",
    );
  }
  return Object.fromEntries(
    Object.entries(inputs).map(([name, ref]) => [name, resolve(scope, `inputs.${name}`, ref)]),
  );
}

function resolveList(scope: EdgeScope, option: string, refs: readonly TaskRef[] = []): string[] {
  if (!Array.isArray(refs)) {
    throw optionInvalid(scope.subject, option, "is not a list", `write ${option}: [task]`);
  }
  return refs.map((ref: unknown, i) => resolve(scope, `${option}[${i}]`, ref));
}

function resolveSetups(scope: EdgeScope, of: EdgeOptions["of"]): string[] {
  const setups = resolveList(scope, "of", of);
  const other = setups.find((taskId) => !scope.isSetup(taskId));
  if (other === undefined) return setups;
  const remedy = "name what setup(...) returned, and put other tasks in after";
  throw optionInvalid(scope.subject, "of", `names "${other}", which is not a setup`, remedy);
}

function resolveWhen(scope: EdgeScope, when: BranchCase): { branch: string; label: string } {
  const branch = resolve(scope, "when", Object(when).branch);
  const label = String(when.label);
  const cases = scope.casesOf(branch);
  if (cases.includes(label)) return { branch, label };
  const problem =
    cases.length === 0
      ? `names "${branch}", which is not a branch`
      : `names case "${label}", which branch "${branch}" does not have`;
  const remedy =
    cases.length === 0 ? "use branch(...).is(case)" : `choose one of ${cases.join(", ")}`;
  throw optionInvalid(scope.subject, "when", problem, remedy);
}

function resolve(scope: EdgeScope, option: string, ref: unknown): string {
  const upstream: unknown = Object(ref).taskId;
  if (typeof upstream !== "string") {
    const remedy = "use what task, setup, branch, each or sensor of this DAG returned";
    throw optionInvalid(scope.subject, option, "is not a task", remedy);
  }
  if (scope.refs.has(Object(ref))) return upstream;
  const { taskId, dagId } = scope;
  throw tidemillError("TIDEMILL_EDGE_FOREIGN", { taskId, dagId, upstream });
}
