import type { Client } from "../client/create-client.ts";
import type { RunDetails, TaskItem } from "../client/read-model.ts";
import { finishedRunStates } from "../definition/states.ts";
import { formatMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import { failuresText } from "./failures-text.ts";
import { note, Progress } from "./output.ts";
import { instanceName } from "../kernel/instance-name.ts";

export interface WatchRunOptions {
  readonly dagId: string;
  readonly runId: string;
  /** How long to wait, in milliseconds. Without it, until the run has ended. */
  readonly timeoutMs?: number | undefined;
  /** Whether nothing but the result is shown. */
  readonly isQuiet?: boolean | undefined;
}

const lookEveryMs = 400;

/**
 * Waits for the end of a run and tells on standard error how it goes.
 *
 * @throws TidemillError `TIDEMILL_WAIT_TIMEOUT`
 */
export async function watchRun(client: Client, options: WatchRunOptions): Promise<RunDetails> {
  const { dagId, runId, timeoutMs, isQuiet = false } = options;
  const giveUpAt = performance.now() + (timeoutMs ?? Infinity);
  const reporter = new Reporter(isQuiet);
  for (;;) {
    const run = await client.readModel.run(dagId, runId);
    reporter.tell(run);
    if (finishedRunStates.has(run.state)) return run;
    const leftMs = giveUpAt - performance.now();
    if (leftMs <= 0) {
      const after = formatMs(timeoutMs ?? 0);
      throw tidemillError("TIDEMILL_WAIT_TIMEOUT", { dagId, runId, state: run.state, after });
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(lookEveryMs, leftMs)));
  }
}

/** Says on standard error why a run failed; nothing of one that did not. */
export function noteFailures(run: RunDetails): void {
  const text = failuresText(run);
  if (text !== "") note(text);
}

/** Tells each change of a task once, and in between how far the run is. */
class Reporter {
  readonly #progress = new Progress();
  readonly #known = new Map<string, string>();
  readonly #isQuiet: boolean;

  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
  }

  tell(run: RunDetails): void {
    if (this.#isQuiet) return;
    const news = run.tasks.filter((task) => this.#isNews(task));
    if (news.length > 0) this.#progress.end();
    for (const task of news) note(taskLine(task));
    const ended = run.tasks.filter((task) => task.endedAt !== null).length;
    if (finishedRunStates.has(run.state)) return this.#progress.end();
    this.#progress.update(`run is ${run.state}, ${ended} of ${run.tasks.length} tasks have ended`);
  }

  #isNews(task: TaskItem): boolean {
    const key = `${task.taskId}[${task.mapIndex}]`;
    const now = `${task.state} ${task.tryNumber}`;
    if (task.state === "none" || this.#known.get(key) === now) return false;
    this.#known.set(key, now);
    return true;
  }
}

function taskLine(task: TaskItem): string {
  const reason = task.reason === null ? "" : ` (${task.reason})`;
  const tried = task.tryNumber > 1 ? `, try ${task.tryNumber}` : "";
  return `${instanceName(task)} is ${task.state}${reason}${tried}`;
}
