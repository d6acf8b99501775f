import { setTimeout as delay } from "node:timers/promises";
import {
  type Duration,
  durationMs,
  FailTask,
  type TaskContext,
  tidemillError,
} from "@tidemill/dag-core";
import { type HttpHook, httpRequest } from "@tidemill/tasks/http";
import { z } from "zod";
import { shopReports } from "../../connections.ts";

/** Addresses of files by their name in the answer: `user_order_log`, `user_order_log_inc` ... */
export type FileUrls = Readonly<Record<string, string>>;

export interface Report {
  readonly reportId: string;
  /** The first and the last day of the report, `YYYY-MM-DD`. */
  readonly startDay: string;
  readonly endDay: string;
  readonly files: FileUrls;
}

export interface Increment {
  readonly incrementId: string;
  readonly files: FileUrls;
}

/** What the service said in place of an increment. */
export interface NoIncrement {
  readonly incrementId: null;
  readonly status: string;
}

const day = z.string().regex(/^\d{4}-\d\d-\d\d/);
const fileUrls = z.record(z.string(), z.string());
const taskAnswer = z.object({ task_id: z.union([z.string(), z.number()]).transform(String) });
const reportAnswer = z.object({
  status: z.string(),
  data: z
    .object({ report_id: z.string(), start_day: day, end_date: day, s3_path: fileUrls.optional() })
    .nullish(),
});
const incrementAnswer = z.object({
  status: z.string(),
  data: z.object({ increment_id: z.string().nullish(), s3_path: fileUrls.nullish() }).nullish(),
});

/** How often a report is asked for before it is given up. */
const mostPolls = 20;

/** The user of the URI is the nickname, its password the key; the cohort is an option. */
const headersOf = ({ user, password, options }: HttpHook): Record<string, string> => ({
  "X-Nickname": user,
  "X-Cohort": options["cohort"] ?? "1",
  "X-Project": "True",
  "X-API-KEY": password,
  "Content-Type": "application/x-www-form-urlencoded",
});

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

async function ask<T>(ctx: TaskContext, call: Call, answer: z.ZodType<T>): Promise<T> {
  const hook = await ctx.open(shopReports);
  const { method, path, query = {} } = call;
  const url = `${hook.url}/${path}`;
  const { body } = await httpRequest(ctx, { method, url, query, headers: headersOf(hook) });
  const parsed = answer.safeParse(body);
  if (parsed.success) return parsed.data;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The answer of ${path}`,
    problem: `is not what was agreed on: ${z.prettifyError(parsed.error)}`,
    remedy: "look at the service",
  });
}

/** The address of a file that the answer does not name; `bucket` is an option of the URI. */
const fileUrl = ({ user, options }: HttpHook, id: string, file: string): string => {
  const cohort = options["cohort"] ?? "1";
  return `${options["bucket"] ?? ""}/cohort_${cohort}/${user}/project/${id}/${file}.csv`;
};

async function filesOf(
  ctx: TaskContext,
  id: string,
  names: readonly string[],
  named: FileUrls | null | undefined,
): Promise<FileUrls> {
  const hook = await ctx.open(shopReports);
  return Object.fromEntries(names.map((name) => [name, named?.[name] ?? fileUrl(hook, id, name)]));
}

/** Orders a report; the service makes it in its own time. */
export async function generateReport(ctx: TaskContext): Promise<{ taskId: string }> {
  const { task_id: taskId } = await ask(
    ctx,
    { method: "POST", path: "generate_report" },
    taskAnswer,
  );
  return { taskId };
}

const reportFiles = ["user_order_log", "user_activity_log", "customer_research", "price_log"];
const incrementFiles = ["user_order_log_inc", "user_activity_log_inc", "customer_research_inc"];

/**
 * Asks for a report until it is there.
 *
 * @throws FailTask when it is not after twenty polls.
 */
export async function getReport(
  ctx: TaskContext,
  { taskId, pollEvery }: { readonly taskId: string; readonly pollEvery: Duration },
): Promise<Report> {
  const call = { method: "GET", path: "get_report", query: { task_id: taskId } } as const;
  let status = "";
  for (let poll = 1; poll <= mostPolls; poll += 1) {
    if (poll > 1) await delay(durationMs(pollEvery), undefined, { signal: ctx.signal });
    const answer = await ask(ctx, call, reportAnswer);
    const { data } = answer;
    status = answer.status;
    ctx.log.info("asked for the report", { poll, status });
    if (status !== "SUCCESS" || !data) continue;
    const files = await filesOf(ctx, data.report_id, reportFiles, data.s3_path);
    const [startDay, endDay] = [data.start_day.slice(0, 10), data.end_date.slice(0, 10)];
    return { reportId: data.report_id, startDay, endDay, files };
  }
  throw new FailTask(
    `Report of task "${taskId}" timed out: it was "${status}" at the last of ${mostPolls} polls, ${pollEvery} apart; look at the service, then clear this task`,
  );
}

/** The increment of a day, or what the service says instead. */
export async function getIncrement(
  ctx: TaskContext,
  { reportId, date }: { readonly reportId: string; readonly date: string },
): Promise<Increment | NoIncrement> {
  const query = { report_id: reportId, date: `${date}T00:00:00` };
  const call = { method: "GET", path: "get_increment", query } as const;
  const { status, data } = await ask(ctx, call, incrementAnswer);
  const id = data?.increment_id;
  if (status !== "SUCCESS" || !id) return { incrementId: null, status };
  return { incrementId: id, files: await filesOf(ctx, id, incrementFiles, data.s3_path) };
}
