import type { Duration } from "../kernel/duration.ts";

/** What is done with a tick that does not exist on the night the clock goes forward. */
export type GapPolicy = "shift" | "skip";
/** Which of its two instants a tick means on the night the clock goes back. */
export type OverlapPolicy = "first" | "second" | "both";

export interface CronSchedule {
  /** Five fields, or a preset. */
  readonly cron: string | readonly string[];
  /** Whether a run is about the interval before its tick, or about the instant. Defaults to `previous`. */
  readonly interval?: "previous" | "none";
  /** A tick that does not exist on the night the clock goes forward: moved on or left out. Defaults to `shift`. */
  readonly gap?: GapPolicy;
  /** A tick that exists twice on the night the clock goes back. Defaults to `second`. */
  readonly overlap?: OverlapPolicy;
}

/**
 * Cron text or preset (`@hourly @daily @weekly @monthly @quarterly @yearly @once @continuous`), several of them,
 * a fixed distance, or null for manual runs only.
 */
export type Schedule =
  string | readonly string[] | null | { readonly every: Duration } | CronSchedule;

/** A schedule as stored: every default filled in. */
export type ScheduleSpec =
  | {
      readonly kind: "cron";
      readonly crons: readonly string[];
      readonly interval: "previous" | "none";
      readonly gap: GapPolicy;
      readonly overlap: OverlapPolicy;
    }
  | { readonly kind: "every"; readonly everyMs: number }
  | { readonly kind: "once" }
  | { readonly kind: "continuous" }
  | { readonly kind: "none" };
