import type { z } from "zod";
import { durationMs } from "../kernel/duration.ts";
import { parseDate } from "../timetable/parse-date.ts";
import { parseSchedule } from "../timetable/parse-schedule.ts";
import { mostBatchIntervals } from "./backfill-limits.ts";
import type { AlertOptions, DagOptions } from "./dag-options.ts";
import type { DagManifest, TaskManifest } from "./manifest.ts";
import {
  anything,
  checkOptionsOrThrow,
  duration,
  listOf,
  oneOf,
  optionInvalid,
  type OptionRule,
  type OptionRules,
  required,
  text,
  wholeNumber,
  yesOrNo,
} from "./option-rules.ts";
import { defaultParamProblems, describeParamProblems, paramsSchema } from "./params.ts";
import { defaultRules } from "./task-rules.ts";

const date: OptionRule = { ...text, remedy: 'write a date such as "2026-01-31"' };

const dagRules: OptionRules = {
  schedule: required({
    ...anything,
    remedy:
      'write a cron text or preset such as "@daily", { every: "15m" }, or null for manual runs',
  }),
  timezone: text,
  startDate: required(date),
  endDate: date,
  catchup: oneOf(["none", "latest", "all"]),
  params: {
    problem: (value) =>
      typeof Object(value).safeParse === "function" ? undefined : "is not a zod schema",
    remedy: "write z.object({ name: z.string() })",
  },
  defaults: anything,
  maxActiveRuns: wholeNumber(1),
  backfill: anything,
  maxActiveTasks: wholeNumber(1),
  maxActiveTasksPerDag: wholeNumber(1),
  timeout: duration(1),
  maxConsecutiveFailedRuns: wholeNumber(1, 1_000),
  runState: oneOf(["leaves", "any_failure"]),
  failFast: yesOrNo,
  tags: listOf(text),
  owner: text,
  description: text,
  alerts: anything,
};
const backfillRules: OptionRules = { maxBatch: required(wholeNumber(1, mostBatchIntervals)) };
const alertRules: OptionRules = {
  onFailure: yesOrNo,
  onRecovery: yesOrNo,
  onSuccess: yesOrNo,
  onRetry: yesOrNo,
  deadline: duration(1),
  onMissed: yesOrNo,
  onBackfillDone: yesOrNo,
};

export function checkDagOptionsOrThrow(dagId: string, options: DagOptions<z.ZodType>): void {
  const subject = `DAG "${dagId}"`;
  checkOptionsOrThrow(subject, options, dagRules);
  if (options.backfill !== undefined) {
    checkOptionsOrThrow(`backfill of ${subject}`, options.backfill, backfillRules);
  }
  checkOptionsOrThrow(`defaults of ${subject}`, options.defaults ?? {}, defaultRules);
  checkOptionsOrThrow(`alerts of ${subject}`, options.alerts ?? {}, alertRules);
}

/** The manifest of a DAG without its tasks: every default filled in, dates as instants. */
export function dagManifest(
  dagId: string,
  options: DagOptions<z.ZodType>,
  tasks: readonly TaskManifest[],
): DagManifest {
  const { timezone = "UTC", description, owner, maxActiveTasks, maxActiveTasksPerDag } = options;
  if (options.failFast) checkRulesOrThrow(dagId, tasks);
  checkBatchOrThrow(dagId, options, tasks);
  return {
    dagId,
    ...(description !== undefined && { description }),
    ...span(dagId, options, timezone),
    timezone,
    schedule: parseSchedule(options.schedule),
    catchup: options.catchup ?? "latest",
    paramsSchema: checkedParamsSchema(dagId, options),
    maxActiveRuns: options.maxActiveRuns ?? 16,
    ...(options.backfill !== undefined && { backfill: options.backfill }),
    ...(maxActiveTasks !== undefined && { maxActiveTasks }),
    ...(maxActiveTasksPerDag !== undefined && { maxActiveTasksPerDag }),
    ...(options.timeout !== undefined && { runTimeoutMs: durationMs(options.timeout) }),
    ...(options.maxConsecutiveFailedRuns !== undefined && {
      maxConsecutiveFailedRuns: options.maxConsecutiveFailedRuns,
    }),
    runState: options.runState ?? "leaves",
    ...(options.failFast && { failFast: true }),
    tags: [...(options.tags ?? [])],
    ...(owner !== undefined && { owner }),
    alerts: alertsOf(options.alerts ?? {}),
    tasks,
  };
}

/** Options that are left at their defaults do not make another version of the DAG. */
function alertsOf(options: AlertOptions): DagManifest["alerts"] {
  const { onRecovery, deadline, onMissed, onBackfillDone } = options;
  return {
    onFailure: options.onFailure ?? true,
    onSuccess: options.onSuccess ?? false,
    onRetry: options.onRetry ?? false,
    ...(onRecovery === false && { onRecovery }),
    ...(deadline !== undefined && { deadlineMs: durationMs(deadline) }),
    ...(onMissed && { onMissed }),
    ...(onBackfillDone && { onBackfillDone }),
  };
}

/** A rule that waits for failures would wait for what never comes: nothing else runs after the first. */
function checkRulesOrThrow(dagId: string, tasks: readonly TaskManifest[]): void {
  const other = tasks.find(
    ({ role, triggerRule }) => role !== "teardown" && triggerRule !== "all_success",
  );
  if (!other) return;
  const problem = `is true, but task "${other.taskId}" has triggerRule "${other.triggerRule}"`;
  throw optionInvalid(
    `DAG "${dagId}"`,
    "failFast",
    problem,
    "make that task a teardown, or leave out one of the two",
  );
}

/** The intervals of one run cannot wait for each other. */
function checkBatchOrThrow(
  dagId: string,
  { backfill: { maxBatch } = { maxBatch: 1 } }: DagOptions<z.ZodType>,
  tasks: readonly TaskManifest[],
): void {
  const task = tasks.find((one) => one.dependsOnPast);
  if (!task || maxBatch === 1) return;
  const problem = `lets one run cover ${maxBatch} intervals, but task "${task.taskId}" depends on its past, one interval before another`;
  throw optionInvalid(`DAG "${dagId}"`, "backfill", problem, "leave out one of the two");
}

function span(dagId: string, options: DagOptions<z.ZodType>, timezone: string) {
  const startDate = parseDate(options.startDate, timezone).toISOString();
  if (options.endDate === undefined) return { startDate };
  const endDate = parseDate(options.endDate, timezone).toISOString();
  if (endDate >= startDate) return { startDate, endDate };
  const problem = `is ${options.endDate}, before startDate ${options.startDate}`;
  throw optionInvalid(`DAG "${dagId}"`, "endDate", problem, "write a later date");
}

/** A schedule starts runs without params, so each param needs a default then. */
function checkedParamsSchema(dagId: string, options: DagOptions<z.ZodType>) {
  const subject = `DAG "${dagId}"`;
  const schema = paramsSchema(subject, options.params);
  const problems = options.schedule === null ? [] : defaultParamProblems(options.params);
  if (problems.length === 0) return schema;
  const problem = `does not accept {}, which scheduled runs start with: ${describeParamProblems(problems)}`;
  throw optionInvalid(
    subject,
    "params",
    problem,
    "give each param a default, or set schedule: null",
  );
}
