import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { Database } from "../store/database.ts";
import { taskLogInsert, type TaskLogRow } from "../store/task-log.ts";
import type { LogLine } from "./hand-off.ts";

export interface LogWriterOptions {
  readonly database: Database;
  readonly redactor: Redactor;
  readonly bus: EventBus;
}

const flushMs = 200;
const maxBatch = 1_000;
/** Lines kept while the database is away; the oldest go first. */
const maxKept = 100_000;

/** Writes the log lines of attempts in batches, redacted, off the path of the tasks. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #lines: TaskLogRow[] = [];
  #timer: NodeJS.Timeout | undefined;
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
        message: withoutNul(redactor.redact(line.message)),
        fields: line.fields ? (redactor.redactJson(line.fields) as object) : null,
      });
    }
    if (this.#lines.length > maxKept) this.#lines = this.#lines.slice(-maxKept);
    this.#timer ??= setTimeout(() => this.#flushSoon(), flushMs);
  }

  /** Writes what is kept, then ends. */
  async stop(): Promise<void> {
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
      const batch = this.#lines.slice(0, maxBatch);
      try {
        await taskLogInsert(this.#options.database, batch);
      } catch (error) {
        this.#options.bus.emit("task_log.write_failed", { error: toError(error).message });
        return;
      }
      this.#lines = this.#lines.slice(batch.length);
    }
  }
}

/** Postgres text holds every character but this one. */
function withoutNul(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD");
}
