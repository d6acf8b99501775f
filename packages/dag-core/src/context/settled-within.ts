import { toError } from "../kernel/errors.ts";
import { formatMs } from "../kernel/duration.ts";

/**
 * Waits for a promise, but not longer than `limitMs`.
 *
 * @returns What went wrong, as a part of a sentence; undefined when it was fulfilled in time. Never rejects.
 */
export async function settledWithin(
  promise: Promise<unknown>,
  limitMs: number,
): Promise<string | undefined> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer within ${formatMs(limitMs)}`), limitMs);
  try {
    return await Promise.race([
      promise.then(
        () => undefined,
        (error: unknown) => toError(error).message,
      ),
      late.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
