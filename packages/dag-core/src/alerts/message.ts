import { Temporal } from "temporal-polyfill";
import type { AlertKind, AlertPayload } from "../kernel/alert.ts";
import { formatMs } from "../kernel/duration.ts";
import { clearCommand, logCommand } from "./commands.ts";

/** An alert as a message tells it. */
export interface ToldAlert {
  readonly kind: AlertKind;
  readonly payload: AlertPayload;
  /** How long before the message it was raised, in milliseconds. */
  readonly ageMs?: number;
}

/** Telegram's limit, in UTF-16 code units. */
export const messageLimit = 4_096;
const errorLimit = 500;
const idLimit = 200;

/** A piece of text and how it is shown. */
interface Piece {
  readonly text: string;
  readonly style?: "b" | "code";
}
type Line = readonly Piece[];

const plain = (text: string): Piece => ({ text });
const bold = (text: string): Piece => ({ text, style: "b" });
const code = (text: string): Piece => ({ text, style: "code" });

/**
 * The message about the alerts of one run, in Telegram's HTML and as plain text, each within 4,096
 * characters.
 *
 * @param alerts At least one; all of the same DAG and run.
 */
export function messageOf(alerts: readonly ToldAlert[]): { html: string; text: string } {
  const draft = draftOf(alerts);
  return { html: joined(draft, htmlOf), text: joined(draft, textOf) };
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);
const textOf = (line: Line): string => line.map(({ text }) => text).join("");
const htmlOf = (line: Line): string =>
  line
    .map(({ text, style }) =>
      style === undefined ? escapeHtml(text) : `<${style}>${escapeHtml(text)}</${style}>`,
    )
    .join("");

const more = "...";

/** A message that is too long loses lines at the end of its body; the tail stays. */
interface Draft {
  readonly body: readonly Line[];
  readonly tail: readonly Line[];
}

function joined({ body, tail }: Draft, render: (line: Line) => string): string {
  const end = fitting(tail.map(render), messageLimit / 2);
  const room = messageLimit - end.reduce((sum, line) => sum + line.length + 1, 0);
  return [...fitting(body.map(render), room), ...end].join("\n");
}

/** Whole lines as long as they fit, so that no tag or entity is ever cut. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > room - more.length) return [...kept, more];
    kept.push(line);
  }
  return kept;
}

function draftOf(alerts: readonly ToldAlert[]): Draft {
  const tasks = alerts.filter((alert) => alert.payload.taskId !== undefined);
  const main = alerts.find(isAboutRun) ?? alerts[0];
  if (!main) return { body: [], tail: [] };
  if (main.kind === "alert.test") return { body: testLines(main.payload), tail: [] };
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

function testLines(payload: AlertPayload): readonly Line[] {
  return [[bold("Test alert")], [plain("Alerts of Tidemill arrive here.")]].concat(
    payload.reason === "manual" ? [] : [[plain(firstLine(payload.reason))]],
  );
}

const endings: Readonly<Record<AlertKind, string>> = {
  "task_instance.failed": "failed",
  "task_instance.retry_scheduled": "will be retried",
  "dag_run.failed": "failed",
  "dag_run.succeeded": "succeeded",
  "alert.test": "",
};

function titleOf(alerts: readonly ToldAlert[], main: ToldAlert): string {
  const dagId = clean(main.payload.dagId, idLimit);
  const ending = endings[main.kind];
  if (isAboutRun(main)) return `DAG ${dagId} ${ending}`;
  if (alerts.length > 1) return `${alerts.length} tasks of DAG ${dagId}: news of one run`;
  return `Task ${clean(main.payload.taskId ?? "", idLimit)} of DAG ${dagId} ${ending}`;
}

function intervalLines({ dataInterval, timezone }: AlertPayload): readonly Line[] {
  if (!dataInterval) return [];
  const { start, end } = dataInterval;
  const zone = zoneOrUtc(timezone);
  return [[plain(`Interval: ${localTime(start, zone)} to ${localTime(end, zone)} (${zone})`)]];
}

function zoneOrUtc(timezone: string): string {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone).timeZoneId;
  } catch {
    return "UTC";
  }
}

/** The wall clock of a zone: `2026-01-31 03:00`, with seconds only where there are some. */
function localTime(instant: string, zone: string): string {
  const at = Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDateTime();
  const smallestUnit = at.second === 0 ? "minute" : "second";
  return at.toString({ smallestUnit }).replace("T", " ");
}

/** A run that failed for a reason of its own says it; else its tasks do. */
function runLines({ kind, payload }: ToldAlert): readonly Line[] {
  const { durationMs, reason } = payload;
  const lines = durationMs === undefined ? [] : [[plain(`Duration: ${formatMs(durationMs)}`)]];
  if (kind === "dag_run.succeeded") return lines;
  const isByTask = reason === "upstream" || reason === "error";
  const why = isByTask ? [] : [[plain(`Reason: ${clean(reason, idLimit)}`)]];
  return [...lines, ...why, ...errorLines(payload)];
}

function errorLines({ error }: AlertPayload): readonly Line[] {
  if (!error) return [];
  return [[code(`${clean(error.class, idLimit)}: ${firstLine(error.message)}`)]];
}

function taskLines({ kind, payload }: ToldAlert): readonly Line[] {
  const { taskId = "", mapIndex = -1, tryNumber, maxTries, durationMs, reason } = payload;
  const facts = [
    mapIndex < 0 ? "" : `[${mapIndex}]`,
    endings[kind],
    tryNumber === undefined ? "" : `try ${tryNumber}/${maxTries ?? tryNumber}`,
    durationMs === undefined ? "" : `after ${formatMs(durationMs)}`,
    reason === "error" ? "" : `(${clean(reason, idLimit)})`,
  ].filter((fact) => fact !== "");
  const head = [plain("Task: "), code(clean(taskId, idLimit)), plain(` ${facts.join(" ")}`)];
  return [head, ...errorLines(payload)];
}

function commandLines(payload: AlertPayload, kind: AlertKind): readonly Line[] {
  const log: Line = [plain("Log: "), code(logCommand(payload))];
  const isOver = kind !== "dag_run.succeeded" && kind !== "task_instance.retry_scheduled";
  return isOver ? [log, [plain("Run again: "), code(clearCommand(payload))]] : [log];
}

const firstLine = (text: string): string =>
  clean(text.trimStart().split(/[\r\n]/, 1)[0] ?? "", errorLimit);

/** Without control characters and halves of characters, and no longer than `limit`. */
function clean(text: string, limit: number): string {
  const shown = text.replace(/\p{Cc}/gu, " ");
  return (shown.length > limit ? `${shown.slice(0, limit)}${more}` : shown).toWellFormed();
}
