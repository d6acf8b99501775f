import type { TaskLog } from "../definition/context.ts";
import { storableText } from "../kernel/json.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { Redactor } from "../kernel/redact.ts";

type Level = "debug" | "info" | "warn" | "error";

/** A line of an attempt's log. */
export interface TaskLogLine {
  /** ISO instant. */
  readonly at: string;
  readonly level: Level;
  readonly message: string;
  readonly fields?: Readonly<Record<string, JsonValue>>;
}

const flushAfterMs = 100;
const flushLines = 100;
const flushCharacters = 64 * 1024;
const longestMessage = 16 * 1024;
/** Characters of a message that are looked at for secrets: one that the cut would halve is still whole. */
export const mostMasked = 2 * longestMessage;
/** What one attempt may write; a loop that logs would otherwise fill the database. */
const mostCharacters = 16 * 1024 * 1024;

export type LogSink = (lines: readonly TaskLogLine[]) => void;
export type OutputStream = "stdout" | "stderr";

/** The log of one attempt: lines are redacted, bounded and handed on in batches. */
export class AttemptLog implements TaskLog {
  readonly #sink: LogSink;
  readonly #redactor: Redactor;
  readonly #partial: Record<OutputStream, string> = { stdout: "", stderr: "" };
  #lines: TaskLogLine[] = [];
  #characters = 0;
  #total = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(sink: LogSink, redactor: Redactor) {
    this.#sink = sink;
    this.#redactor = redactor;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  debug(message: string, fields?: object): void {
    this.#write("debug", message, fields);
  }
  info(message: string, fields?: object): void {
    this.#write("info", message, fields);
  }
  warn(message: string, fields?: object): void {
    this.#write("warn", message, fields);
  }
  error(message: string, fields?: object): void {
    this.#write("error", message, fields);
  }

  /** What the code printed: whole lines become log lines, `info` from stdout and `warn` from stderr. */
  print(stream: OutputStream, text: string): void {
    const lines = (this.#partial[stream] + text).split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) this.#print(stream, line);
    const isLong = rest.length > mostMasked;
    this.#partial[stream] = isLong ? this.#printParts(stream, rest, mostMasked) : rest;
  }

  /** Hands on what is left; later lines are dropped. */
  close(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#partial[stream] !== "") this.#print(stream, this.#partial[stream]);
    }
    this.#flush();
    this.#isClosed = true;
  }

  #print(stream: OutputStream, line: string): void {
    const rest = line.length > longestMessage ? this.#printParts(stream, line) : line;
    this.#printPart(stream, rest.replace(/\r$/, ""));
  }

  /** Writes a long line in parts, masked before it is cut. @returns the rest, no longer than `most` */
  #printParts(stream: OutputStream, line: string, most = longestMessage): string {
    let rest = this.#redactor.redact(line);
    for (; rest.length > most; rest = rest.slice(longestMessage)) {
      this.#printPart(stream, rest.slice(0, longestMessage));
    }
    return rest;
  }

  #printPart(stream: OutputStream, text: string): void {
    this.#write(stream === "stdout" ? "info" : "warn", text, { stream });
  }

  #write(level: Level, message: string, fields: object | undefined): void {
    if (this.#isClosed || this.#total > mostCharacters) return;
    const text = shownMessage(String(message), (start) => this.#redactor.redact(start));
    const stored = fields === undefined ? undefined : this.#fields(fields);
    const size = text.length + (stored === undefined ? 0 : JSON.stringify(stored).length);
    this.#push({ level, message: text, ...(stored && { fields: stored }) }, size);
    if (this.#total <= mostCharacters) return;
    const limit = `The log of this attempt passed ${mostCharacters} characters; what follows is left out`;
    this.#push({ level: "warn", message: limit }, 0);
  }

  #push(line: Omit<TaskLogLine, "at">, size: number): void {
    this.#lines.push({ at: new Date().toISOString(), ...line });
    this.#characters += size;
    this.#total += size;
    if (this.#lines.length >= flushLines || this.#characters >= flushCharacters) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushAfterMs);
  }

  #fields(fields: object): Readonly<Record<string, JsonValue>> {
    const plain = plainFields(fields);
    const size = JSON.stringify(plain).length;
    const kept = size > longestMessage ? { omitted: `${size} characters of fields` } : plain;
    return this.#redactor.redactJson(kept) as Readonly<Record<string, JsonValue>>;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#characters = 0;
    this.#sink(lines);
  }
}

/**
 * A message as it may be shown: masked, then cut, since half of a secret is not recognised. What is far beyond the cut
 * is not looked at.
 *
 * @param length Characters of the whole message, when `message` is only its start.
 */
export function shownMessage(
  message: string,
  redact: (text: string) => string,
  length = message.length,
): string {
  const masked = redact(message.slice(0, mostMasked));
  return cut(masked, Math.max(masked.length, length));
}

function cut(text: string, length = text.length): string {
  const kept =
    length > longestMessage
      ? `${text.slice(0, longestMessage)} … (${length - longestMessage} characters more)`
      : text;
  return storableText(kept);
}

function plainFields(fields: object): Readonly<Record<string, JsonValue>> {
  try {
    const named = fields instanceof Error ? { error: fields } : fields;
    const plain: unknown = JSON.parse(JSON.stringify(named, plainValue) ?? "{}");
    if (typeof plain !== "object" || plain === null) return { value: plain as JsonValue };
    return (Array.isArray(plain) ? { values: plain } : plain) as Record<string, JsonValue>;
  } catch (error) {
    return { unreadable: String(error) };
  }
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return cut(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return value;
}
