import { isAsset } from "../kernel/asset.ts";
import {
  anything,
  duration,
  fn,
  id,
  listOf,
  oneOf,
  type OptionRule,
  type OptionRules,
  required,
  text,
  wholeNumber,
  yesOrNo,
} from "./option-rules.ts";
import { triggerRules } from "./trigger-rule.ts";

const concurrencyKey: OptionRule = {
  problem(value) {
    if (typeof value === "string") return text.problem(value);
    if (typeof value !== "object" || value === null) return "is neither a text nor an object";
    const { key, limit } = value as { key?: unknown; limit?: unknown };
    return text.problem(key) ?? wholeNumber(1).problem(limit);
  },
  remedy: 'write "key" or { key: "key", limit: 2 }, limit at least 1',
};

/** What a DAG may set for all its tasks. */
export const defaultRules: OptionRules = {
  retries: wholeNumber(0),
  retryDelay: duration(),
  retryBackoff: oneOf(["fixed", "exponential"]),
  maxRetryDelay: duration(),
  retryJitter: oneOf(["none", "equal", "full", "airflow"]),
  timeout: duration(1),
  pool: id,
  poolSlots: wholeNumber(1),
  priorityWeight: wholeNumber(0),
  weightRule: oneOf(["downstream", "upstream", "absolute"]),
  maxActivePerDag: wholeNumber(1),
  dependsOnPast: yesOrNo,
  waitForDownstream: yesOrNo,
  isolation: oneOf(["warm", "fresh"]),
};

const outlets: OptionRule = listOf({
  problem: (value) => (isAsset(value) ? undefined : "has what is no asset"),
  remedy: 'write asset("raw.orders")',
});

const shared: OptionRules = {
  inputs: anything,
  after: anything,
  when: anything,
  ...defaultRules,
  concurrencyKey,
  outlets,
  description: text,
};

const output: OptionRule = {
  problem: (value) =>
    typeof Object(value).safeParseAsync === "function" ? undefined : "is not a zod schema",
  remedy: "write z.object({ name: z.string() })",
};

export const taskRules: OptionRules = {
  ...shared,
  triggerRule: oneOf(triggerRules),
  output,
  run: required(fn),
};
export const teardownRules: OptionRules = {
  ...taskRules,
  of: anything,
  onFailureFailsRun: yesOrNo,
};
export const shortCircuitRules: OptionRules = {
  ...shared,
  ignoreDownstreamTriggerRules: yesOrNo,
  run: required(fn),
};
export const branchRules: OptionRules = {
  ...shared,
  cases: required(listOf(text, 1)),
  run: required(fn),
};
export const eachRules: OptionRules = {
  ...shared,
  over: required({ ...anything, remedy: "write a list, or a task before it that returns one" }),
  maxActive: wholeNumber(1),
  output,
  run: required(fn),
};
export const sensorRules: OptionRules = {
  ...shared,
  every: required(duration(1)),
  timeout: required(duration(1)),
  output,
  poke: required(fn),
};

const eventName: OptionRule = {
  problem: (value) => (typeof value === "function" ? undefined : id.problem(value)),
  remedy: `${id.remedy}, or a function that returns it`,
};
const intervalChoice: OptionRule = {
  problem: (value) =>
    value === "same" || typeof value === "function" ? undefined : "is no choice of an interval",
  remedy: 'write "same", or a function that returns the Date on which the interval starts',
};
const triggerParams: OptionRule = {
  problem: (value) =>
    typeof value === "function" || (typeof value === "object" && value !== null)
      ? undefined
      : "is not an object",
  remedy: "write an object, or a function that returns one",
};
const runWait: OptionRules = {
  dag: required(id),
  interval: intervalChoice,
  timeout: duration(1),
  states: listOf(oneOf(["success", "failed", "cancelled"]), 1),
  onFailure: oneOf(["fail", "wait"]),
};

export const waitForEventRules: OptionRules = {
  ...shared,
  event: required(eventName),
  since: oneOf(["run", "interval", "kept"]),
  timeout: duration(1),
  output,
};
export const waitForRunRules: OptionRules = { ...shared, ...runWait };
export const triggerDagRules: OptionRules = {
  ...shared,
  ...runWait,
  params: triggerParams,
  wait: yesOrNo,
};
