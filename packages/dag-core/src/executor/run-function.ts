import { formatMs, longestTimerMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { AttemptControl, Interruption } from "./attempt-control.ts";
import type { AttemptInput } from "./hand-off.ts";
import type { Ending } from "./outcome.ts";

export interface RunFunctionOptions {
  readonly input: Pick<AttemptInput, "taskId" | "timeoutMs">;
  readonly control: AttemptControl;
  /** Time that a function has to end after it was interrupted. */
  readonly graceMs: number;
}
type Settled = NonNullable<Ending["settled"]>;

/** The longest delay that a timer of Node takes. */

/**
 * Calls a task's function and waits for its end, at most until its timeout and the grace time after it.
 * A function that was told to stop is waited for without limit: who stopped it decides when to end its process.
 */
export async function runFunction(
  run: () => unknown,
  { input, control, graceMs }: RunFunctionOptions,
): Promise<Ending> {
  const timer = startTimeout(input, control);
  const settled = settle(run);
  try {
    const first = await Promise.race([settled, control.interrupted]);
    if (!("why" in first)) return lastLook(first, control);
    if (first.why === "stopped") return { interruption: first, settled: await settled };
    const late = await Promise.race([settled, graceOver(graceMs)]);
    return late === undefined ? { interruption: first } : { interruption: first, settled: late };
  } finally {
    clearTimeout(timer);
  }
}

async function settle(run: () => unknown): Promise<Settled> {
  try {
    return { returned: await run() };
  } catch (thrown) {
    return { thrown };
  }
}

/** A promise that the function left behind may be rejected already, which Node tells after the microtasks. */
async function lastLook(settled: Settled, control: AttemptControl): Promise<Ending> {
  const nothing = nextTurn();
  const interruption = await Promise.race([control.interrupted, nothing]);
  return interruption?.why === "crash" ? { interruption, settled } : { settled };
}

const nextTurn = (): Promise<undefined> =>
  new Promise((resolve) => setImmediate(() => resolve(undefined)));

function startTimeout(
  { taskId, timeoutMs }: RunFunctionOptions["input"],
  control: AttemptControl,
): NodeJS.Timeout | undefined {
  if (timeoutMs === undefined || timeoutMs > longestTimerMs) return undefined;
  const timeout = formatMs(timeoutMs);
  const error = tidemillError("TIDEMILL_ATTEMPT_TIMEOUT", { taskId, timeout });
  const interruption: Interruption = { why: "timeout", error };
  return setTimeout(() => control.interrupt(interruption), timeoutMs);
}

/** Does not keep the process alive, nor is it worth cancelling. */
const graceOver = (graceMs: number): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), graceMs).unref());
