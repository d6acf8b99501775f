import type { Writable } from "node:stream";
import winston from "winston";
import type { EngineEvent, EventBus, EventName } from "./events.ts";
import type { Redactor } from "./redact.ts";
import type { LogLevel } from "./settings.ts";

/** Info when something was done, debug for loops, warn when a person may act, error when one must. */
const levels = {
  "dag.registered": "info",
  "dag.import_failed": "error",
  "dag.import_slow": "warn",
  "request.refused": "warn",
  "dag_run.created": "info",
  "dag_run.started": "info",
  "dag_run.succeeded": "info",
  "dag_run.failed": "error",
  "dag_run.cancelled": "info",
  "task_instance.started": "info",
  "task_instance.succeeded": "info",
  "task_instance.failed": "error",
  "task_instance.retry_scheduled": "warn",
  "task_instance.rescheduled": "debug",
  "task_instance.skipped": "info",
  "task_instance.rescued": "warn",
  "task_instance.result_dropped": "warn",
  "scheduler.started": "info",
  "scheduler.stopped": "info",
  "scheduler.tick_finished": "debug",
  "scheduler.tick_failed": "error",
  "worker.started": "info",
  "worker.stopped": "info",
  "process.lost": "warn",
  "task_log.write_failed": "warn",
  "maintenance.failed": "warn",
  "database.lost": "error",
  "database.recovered": "info",
  "backfill.completed": "info",
  "alert.logged": "warn",
  "alert.sent": "info",
  "alert.added": "info",
  "alert.folded": "debug",
  "alert.postponed": "warn",
  "alert.uncertain": "warn",
  "alert.failed": "error",
  "sender.round_failed": "warn",
  "watch.round_failed": "warn",
  "bus.listener_failed": "error",
} satisfies Readonly<Record<EventName, LogLevel>>;

/** While a database stays away it is told of this often. */
const lostAgainMs = 5_000;

export interface SubscribeLoggerOptions {
  /** Least level that is written. Defaults to `"info"`. */
  readonly level?: LogLevel;
  /** `"json"`: a JSON object a line; `"pretty"`: a line for people. Defaults to `"json"`. */
  readonly format?: "json" | "pretty";
  readonly redactor: Redactor;
  /** Defaults to standard error, so that a command's own output stays clean. */
  readonly stream?: Writable;
}

export interface LoggerSubscription {
  /** For messages that are no event, as those of commands. */
  readonly logger: winston.Logger;
  /** Ends the listening when what was logged has been handed to the stream. */
  stop(): Promise<void>;
}

const severity = { error: 0, warn: 1, info: 2, debug: 3 } as const;

/** In every line, in this order, null where they do not apply. */
const constantKeys = ["event", "dagId", "runId", "taskId", "tryNumber"] as const;

/**
 * Writes the events of a bus as log lines, redacted.
 *
 * @example const log = subscribeLogger(bus, { level: "info", format: "pretty", redactor });
 */
export function subscribeLogger(
  bus: EventBus,
  options: SubscribeLoggerOptions,
): LoggerSubscription {
  const { level = "info", format = "json", redactor, stream = process.stderr } = options;
  const line = format === "json" ? jsonLine : prettyLine;
  const logger = winston.createLogger({
    level,
    levels: severity,
    format: winston.format.printf((entry) => redactor.redact(line(entry))),
    transports: [new winston.transports.Stream({ stream, eol: "\n" })],
  });
  const isNews = newsOnly();
  const unsubscribe = bus.on("*", (event) => {
    // The library makes the line before it looks whether it is wanted; there are several events for each task.
    const isWanted = severity[levels[event.event]] <= severity[level];
    if (isNews(event) && isWanted) logger.log(entryOf(event));
  });
  return {
    logger,
    stop: () => {
      unsubscribe();
      return new Promise((resolve) => {
        logger.once("finish", resolve);
        logger.end();
      });
    },
  };
}

/** Every part of an engine raises a lost database at each of its tries; one line in a while says it for all. */
function newsOnly(): (event: EngineEvent) => boolean {
  let saidAt = -Infinity;
  return ({ event, at }) => {
    if (event === "database.recovered") saidAt = -Infinity;
    if (event !== "database.lost") return true;
    const isNews = Math.abs(at.getTime() - saidAt) >= lostAgainMs;
    if (isNews) saidAt = at.getTime();
    return isNews;
  };
}

function entryOf(event: EngineEvent): winston.LogEntry {
  const { at, ...facts } = event;
  return { level: levels[event.event], message: "", time: at.toISOString(), ...facts };
}

type Entry = winston.Logform.TransformableInfo;
const timeOf = (entry: Entry): string => shown(entry["time"] ?? new Date().toISOString());

function jsonLine(entry: Entry): string {
  const { level, message, time: _, ...facts } = entry;
  const constant = constantKeys.map((key) => [key, facts[key] ?? null]);
  const text = message === "" ? {} : { message };
  return JSON.stringify({
    time: timeOf(entry),
    level,
    ...Object.fromEntries(constant),
    ...text,
    ...facts,
  });
}

/** A text that could break the line, or forge one, is quoted. */
function shown(value: unknown): string {
  return typeof value === "string" && !/\p{Cc}/u.test(value) ? value : JSON.stringify(value);
}

function prettyLine(entry: Entry): string {
  const { level, message, time: _, event, dagId, runId, taskId, tryNumber, ...facts } = entry;
  const isThere = (value: unknown): boolean => value !== undefined && value !== "";
  const subject = [dagId, runId, taskId].filter(isThere).map(shown).join(" / ");
  const attempt = tryNumber === undefined ? "" : `try ${shown(tryNumber)}`;
  const rest = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${shown(value)}`);
  const parts = [event, message, subject, attempt, ...rest].filter(isThere).map(shown);
  const clock = timeOf(entry).slice(11, 23);
  return [clock, level.padEnd(5), ...parts].join(" ");
}
