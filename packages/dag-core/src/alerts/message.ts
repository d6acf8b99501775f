import type { AlertKind, AlertPayload } from "../kernel/alert.ts";
import { formatMs } from "../kernel/duration.ts";
import { clearCommand, logCommand, runsCommand } from "./commands.ts";
import { intervalText } from "./interval-text.ts";
import {
  bold,
  clean,
  code,
  counted,
  type Draft,
  firstLine,
  idLimit,
  type Line,
  plain,
  render,
} from "./lines.ts";

/** An alert as a message tells it. */
export interface ToldAlert {
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  readonly raisedAt?: Date;
  /** The last lines of its log. */
  readonly log?: readonly string[];
}

/** A message; an error that is too long for it goes along as a file. */
export interface Written {
  readonly html: string;
  readonly text: string;
  readonly document?: { readonly name: string; readonly text: string };
}

/**
 * The message about the alerts of one run, in Telegram's HTML and as plain text, each within 4,096
 * characters.
 *
 * @param alerts At least one; all of the same DAG and run.
 */
export function messageOf(alerts: readonly ToldAlert[]): Written {
  const document = documentOf(alerts);
  return { ...render(draftOf(alerts)), ...(document && { document }) };
}

function draftOf(alerts: readonly ToldAlert[]): Draft {
  const tasks = alerts.filter((alert) => alert.payload.taskId !== undefined);
  const main = alerts.find(isAboutRun) ?? alerts[0];
  if (!main) return { body: [], tail: [] };
  const about = otherLines[main.kind];
  if (about) return { body: about(main.payload), tail: otherTail(main) };
  const only = tasks.length === 1 ? tasks[0] : undefined;
  const body = [
    [bold(titleOf(alerts, main))],
    [plain("Run: "), code(clean(main.payload.runId, idLimit))],
    ...intervalLines(main.payload),
    ...(isAboutRun(main) ? runLines(main) : []),
    ...tasks.flatMap(taskLines),
  ];
  return { body, tail: commandLines(only?.payload ?? main.payload, main.kind) };
}

const isAboutRun = ({ kind }: ToldAlert): boolean => kind.startsWith("dag_run.");

const dagOf = ({ dagId }: AlertPayload): string => clean(dagId, idLimit);
const forMs = (ms: number | undefined): string => formatMs(ms ?? 0);

/** What is about no single run. */
const otherLines: { readonly [K in AlertKind]?: (payload: AlertPayload) => readonly Line[] } = {
  "alert.test": (payload) => [
    [bold("Test alert")],
    [plain("Alerts of Tidemill arrive here.")],
    ...(payload.reason === "manual" ? [] : [[plain(firstLine(payload.reason))]]),
  ],
  "dag.interval_missed": (payload) => [
    [bold(`DAG ${dagOf(payload)} passed over ${counted(payload.count ?? 0, "interval")}`)],
    ...intervalLines(payload),
  ],
  "backfill.completed": (payload) => [
    [bold(`Backfill of DAG ${dagOf(payload)} ended: ${clean(payload.reason, idLimit)}`)],
    ...intervalLines(payload),
    [plain(counted(payload.count ?? 0, "run"))],
  ],
  "scheduler.lagging": (payload) => [
    [bold("Scheduling is late")],
    [plain(`A run is due for ${forMs(payload.durationMs)} and was not created.`)],
  ],
  "process.lost": (payload) => [
    [bold(`A ${clean(payload.reason, idLimit)} is lost`)],
    [plain(`${clean(payload.about ?? "", idLimit)} gave no sign of life within its lease.`)],
  ],
};

function otherTail({ kind, payload }: ToldAlert): readonly Line[] {
  const { dagId, about = "" } = payload;
  if (kind === "dag.interval_missed")
    return [[plain("Look: "), code(`tidemill dags show ${dagId}`)]];
  if (kind === "backfill.completed")
    return [[plain("Look: "), code(`tidemill backfill status ${about}`)]];
  return kind === "alert.test" ? [] : [[plain("Look: "), code("tidemill health")]];
}

/** The ends of sentences about what a run or a task did. */
const endings: { readonly [K in AlertKind]?: string } = {
  "task_instance.failed": "failed",
  "task_instance.retry_scheduled": "will be retried",
  "dag_run.failed": "failed",
  "dag_run.succeeded": "succeeded",
  "dag_run.recovered": "is fixed",
  "dag_run.late": "is late",
};

function titleOf(alerts: readonly ToldAlert[], main: ToldAlert): string {
  const dagId = dagOf(main.payload);
  const ending = endings[main.kind] ?? "";
  if (isAboutRun(main)) return `DAG ${dagId} ${ending}`;
  if (alerts.length > 1) return `${alerts.length} tasks of DAG ${dagId}: news of one run`;
  return `Task ${clean(main.payload.taskId ?? "", idLimit)} of DAG ${dagId} ${ending}`;
}

function intervalLines(payload: AlertPayload): readonly Line[] {
  const text = intervalText(payload);
  return text === undefined ? [] : [[plain(`Interval: ${text}`)]];
}

/** A run that failed for a reason of its own says it; else its tasks do. */
function runLines({ kind, payload }: ToldAlert): readonly Line[] {
  const { durationMs, reason, count } = payload;
  if (kind === "dag_run.recovered")
    return [[plain(`Fixed after ${forMs(durationMs)}, ${(count ?? 1) + 1} tries`)]];
  if (kind === "dag_run.late")
    return [[plain(`Not ended ${forMs(durationMs)} after it was due; ${clean(reason, idLimit)}`)]];
  const lines = durationMs === undefined ? [] : [[plain(`Duration: ${formatMs(durationMs)}`)]];
  if (kind === "dag_run.succeeded") return lines;
  const isByTask = reason === "upstream" || reason === "error";
  const why = isByTask ? [] : [[plain(`Reason: ${clean(reason, idLimit)}`)]];
  return [...lines, ...why, ...errorLines(payload)];
}

export function errorLines({ error }: AlertPayload): readonly Line[] {
  if (!error) return [];
  return [[code(`${clean(error.class, idLimit)}: ${firstLine(error.message)}`)]];
}

const logLineLimit = 200;

function taskLines({ kind, payload, log = [] }: ToldAlert): readonly Line[] {
  const { taskId = "", mapIndex = -1, tryNumber, maxTries, durationMs, reason } = payload;
  const facts = [
    mapIndex < 0 ? "" : `[${mapIndex}]`,
    endings[kind] ?? "",
    tryNumber === undefined ? "" : `try ${tryNumber}/${maxTries ?? tryNumber}`,
    durationMs === undefined ? "" : `after ${formatMs(durationMs)}`,
    reason === "error" ? "" : `(${clean(reason, idLimit)})`,
  ].filter((fact) => fact !== "");
  const head = [plain("Task: "), code(clean(taskId, idLimit)), plain(` ${facts.join(" ")}`)];
  const lines = log.map((line): Line => [code(clean(line, logLineLimit))]);
  return [head, ...errorLines(payload), ...lines];
}

function commandLines(payload: AlertPayload, kind: AlertKind): readonly Line[] {
  if (kind === "dag_run.late") return [[plain("Look: "), code(runsCommand(payload))]];
  const log: Line = [plain("Log: "), code(logCommand(payload))];
  const isOver = kind === "task_instance.failed" || kind === "dag_run.failed";
  return isOver ? [log, [plain("Run again: "), code(clearCommand(payload))]] : [log];
}

const longErrorLength = 1_000;
const mostDocumentLength = 1_000_000;

/** The whole of an error of which the message shows the first line only, where there is much more. */
function documentOf(alerts: readonly ToldAlert[]): Written["document"] {
  const long = alerts.filter(({ payload: { error } }) => {
    return (error?.message.length ?? 0) > longErrorLength;
  });
  const [first] = long;
  if (!first) return undefined;
  const text = long
    .map(({ payload: { taskId = "", error } }) => `${taskId}\n${error?.class}: ${error?.message}`)
    .join("\n\n")
    .slice(0, mostDocumentLength)
    .toWellFormed();
  return { name: `${first.payload.taskId ?? "run"}-error.txt`, text };
}
