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
  const lines = linesOf(alerts);
  return { html: joined(lines, htmlOf), text: joined(lines, textOf) };
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

/** Whole lines as long as they fit, so that no tag or entity is ever cut. */
function joined(lines: readonly Line[], render: (line: Line) => string): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines.map(render)) {
    if (length + line.length + 1 > messageLimit - more.length) return [...kept, more].join("\n");
    kept.push(line);
    length += line.length + 1;
  }
  return kept.join("\n");
}

function linesOf(alerts: readonly ToldAlert[]): readonly Line[] {
  const tasks = alerts.filter((alert) => alert.payload.taskId !== undefined);
  const main = alerts.find((alert) => alert.kind.startsWith("dag_run.")) ?? alerts[0];
  if (!main) return [];
  if (main.kind === "alert.test") return testLines(main.payload);
  const only = tasks.length === 1 ? tasks[0] : undefined;
  return [
    [bold(titleOf(alerts, main))],
    [plain("Run: "), code(clean(main.payload.runId, idLimit))],
    ...intervalLines(main.payload),
    ...durationLines(only === undefined || main === only ? undefined : main.payload),
    ...reasonLines(main),
    ...tasks.flatMap(taskLines),
    ...commandLines(only?.payload ?? main.payload, main.kind),
  ];
}

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
  if (main.kind.startsWith("dag_run.")) return `DAG ${dagId} ${ending}`;
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
    return Temporal.Now.zonedDateTimeISO(timezone).timeZoneId;
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

function durationLines(payload: AlertPayload | undefined): readonly Line[] {
  return payload?.durationMs === undefined
    ? []
    : [[plain(`Duration: ${formatMs(payload.durationMs)}`)]];
}

/** A run that failed for a reason of its own says it; else its tasks do. */
function reasonLines({ kind, payload }: ToldAlert): readonly Line[] {
  if (!kind.startsWith("dag_run.") || kind === "dag_run.succeeded") return [];
  const reason = payload.reason === "upstream" || payload.reason === "error" ? "" : payload.reason;
  return [
    ...(reason === "" ? [] : [[plain(`Reason: ${clean(reason, idLimit)}`)]]),
    ...errorLines(payload),
  ];
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
