import type { TriggerRule } from "./trigger-rule.ts";

declare const OUTPUT: unique symbol;
declare const SETUP: unique symbol;

/** A declared task, typed by what it returns. Later tasks name it in `inputs` or `after`. */
export interface TaskRef<out O = unknown> {
  readonly taskId: string;
  readonly [OUTPUT]?: O;
}
/** What a task puts out, by its reference. */
export type OutputOf<R> = R extends TaskRef<infer O> ? O : never;
/** The tasks that a task reads, by the names under which it reads their outputs; each is an edge too. */
export type Inputs = Readonly<Record<string, TaskRef>>;

/** Under any rule but `all_success` an upstream may have produced nothing. */
export type InputValues<I extends Inputs, R extends TriggerRule> = {
  readonly [K in keyof I]: R extends "all_success" ? OutputOf<I[K]> : OutputOf<I[K]> | undefined;
};

/** One way out of a branch; a task with `when` runs only if the branch chose it. */
export interface BranchCase {
  readonly branch: TaskRef;
  readonly label: string;
}
/** A declared setup; the `of` of a teardown names it. */
export interface SetupRef<out O = unknown> extends TaskRef<O> {
  readonly [SETUP]: true;
}
/** What a branch may answer: a case, several, or none. */
export type Chosen<Case extends string> = Case | readonly Case[] | undefined;
/** A declared branch. `is` names the case under which a later task runs. */
export interface BranchRef<Case extends string, out O = Case> extends TaskRef<O> {
  is(label: Case): BranchCase;
}
