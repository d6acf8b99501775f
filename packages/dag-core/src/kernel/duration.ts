import { tidemillError } from "./errors.ts";

/** A number and a unit, for example `"30s"`, `"5m"`, `"1.5h"`. */
export type Duration = `${number}${DurationUnit}`;
type DurationUnit = "ms" | "s" | "m" | "h" | "d";

const unitMs: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Whether a text is a {@link Duration}. */
export function isDuration(text: string): text is Duration {
  return pattern.test(text);
}

/**
 * The length of a duration in milliseconds.
 *
 * @throws TidemillError `TIDEMILL_DURATION_INVALID` when the text is not a number and a unit.
 * @example durationMs("5m") // 300000
 */
export function durationMs(duration: string): number {
  const match = pattern.exec(duration);
  if (!match) throw tidemillError("TIDEMILL_DURATION_INVALID", { duration });
  return Math.round(Number(match[1]) * unitMs[match[2] as DurationUnit]);
}

/** The longest time that a timer of Node waits; a longer one fires at once. */
export const longestTimerMs = 2_147_483_647;

/** The longest time that anything may be given: it stays a date that people, databases and JavaScript can write. */
export const maxDurationMs = durationMs("36500d");

/**
 * A length of time that begins now and is stored: more than 0, at most 36500 days.
 *
 * @param subject Whose length it is, for the message: `The ttl of event "approved"`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function boundedMsOrThrow(subject: string, ms: number): number {
  if (ms > 0 && ms <= maxDurationMs) return ms;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject,
    problem: `is ${formatMs(ms)}`,
    remedy: "choose more than 0 and at most 36500d",
  });
}

/** A length of time for people: `formatMs(93_000)` is `"1m 33s"`. */
export function formatMs(ms: number): string {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .map(([n, unit]) => `${n}${unit}`)
    .join(" ");
}
