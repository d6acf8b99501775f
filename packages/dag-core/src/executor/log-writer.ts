import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import { type JsonValue, storableText } from "../kernel/json.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { Database } from "../store/database.ts";
import { taskLogInsert, type TaskLogRow } from "../store/task-log.ts";
import { isTransient } from "../store/transient-errors.ts";
import type { LogLine } from "./hand-off.ts";

export interface LogWriterOptions {
  readonly database: Database;
  readonly redactor: Redactor;
  readonly bus: EventBus;
}

const flushMs = 200;
const retryMs = 1_000;
const maxBatch = 1_000;
/** Lines kept while the database is away; the oldest go first. */
const maxKept = 100_000;

/** Writes the log lines of attempts in batches, redacted, off the path of the tasks. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #lines: TaskLogRow[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  write(taskInstanceId: string, tryNumber: number, lines: readonly LogLine[]): void {
    const { redactor } = this.#options;
    for (const line of lines) {
      this.#lines.push({
        task_instance_id: taskInstanceId,
        try_number: tryNumber,
        at: line.at,
        level: line.level,
        message: storableText(redactor.redact(line.message)),
        fields: line.fields ? storable(redactor.redactJson(line.fields)) : null,
      });
    }
    this.#lines = newest(this.#lines);
    this.#timer ??= setTimeout(() => this.#flushSoon(), flushMs);
  }

  /** Writes what is kept, then ends. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#flushSoon();
    await this.#flushing;
  }

  #flushSoon(): void {
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    while (this.#lines.length > 0) {
      const batch = this.#lines.splice(0, maxBatch);
      try {
        await taskLogInsert(this.#options.database, batch);
      } catch (error) {
        this.#options.bus.emit("task_log.write_failed", { error: toError(error).message });
        // What the database refuses it would refuse for ever, and everything behind it would wait.
        if (isTransient(error)) return this.#later(batch);
      }
    }
  }

  #later(batch: readonly TaskLogRow[]): void {
    this.#lines = newest([...batch, ...this.#lines]);
    if (!this.#isStopped) this.#timer ??= setTimeout(() => this.#flushSoon(), retryMs);
  }
}

function newest(lines: TaskLogRow[]): TaskLogRow[] {
  return lines.length > maxKept ? lines.slice(-maxKept) : lines;
}

/** One text that Postgres refuses would take the lines of its whole batch with it. */
function storable(value: JsonValue): JsonValue {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : [[storableText(key), storable(inner)] as const],
  );
  return Object.fromEntries(entries);
}
