import type { TryErrorItem } from "../client/failures.ts";
import type { LogLineItem } from "../client/logs.ts";

/** A line of a log, or an error that is told in it and has no number there. */
export interface ToldLine extends Omit<LogLineItem, "taskLogId"> {
  readonly taskLogId: string | null;
}

type Try = Pick<TryErrorItem, "taskId" | "mapIndex" | "tryNumber">;

/** The errors of tries as lines of their log, each told once and after the lines of its try. */
export class TryErrors {
  readonly #known = new Set<string>();
  #waiting: TryErrorItem[] = [];
  #ripe = 0;

  /** Takes what has failed by now. What was there before is ripe: its log had the time to arrive. */
  take(errors: readonly TryErrorItem[]): void {
    this.#ripe = this.#waiting.length;
    for (const error of errors) {
      const key = `${error.taskId}[${error.mapIndex}]#${error.tryNumber}.${error.handOff} ${error.endedAt.getTime()}`;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      this.#waiting.push(error);
    }
  }

  /** Those that belong before a line: of tries that had ended by then, and are not the one that wrote it. */
  before(line: LogLineItem): ToldLine[] {
    const isDue = (error: TryErrorItem) => error.endedAt < line.at && !isSameTry(error, line);
    const due = this.#waiting.filter(isDue);
    this.#ripe -= this.#waiting.slice(0, this.#ripe).filter(isDue).length;
    this.#waiting = this.#waiting.filter((error) => !isDue(error));
    return due.map(errorLine);
  }

  /** All that wait, or only the ripe ones where more lines may come. */
  rest(isLast: boolean): ToldLine[] {
    const told = this.#waiting.splice(0, isLast ? this.#waiting.length : this.#ripe);
    this.#ripe = 0;
    return told.map(errorLine);
  }
}

function isSameTry(a: Try, b: Try): boolean {
  return a.taskId === b.taskId && a.mapIndex === b.mapIndex && a.tryNumber === b.tryNumber;
}

function errorLine({ taskId, mapIndex, tryNumber, endedAt, ...error }: TryErrorItem): ToldLine {
  const { reason, class: type, message, stack } = error;
  return {
    taskLogId: null,
    taskId,
    mapIndex,
    tryNumber,
    at: endedAt,
    level: "error",
    message: `${type ?? "Error"}: ${message ?? ""}`,
    fields: { reason, class: type, ...(stack !== null && { stack }) },
  };
}
