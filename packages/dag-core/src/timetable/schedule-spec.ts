import type { Asset } from "../kernel/asset.ts";
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

/** Runs for updates of assets. */
export interface AssetSchedule {
  readonly assets: readonly Asset[];
  /** A run once each of the assets was updated since the last one, or once any was. Defaults to `all`. */
  readonly when?: "all" | "any";
}

/**
 * Cron text or preset (`@hourly @daily @weekly @monthly @quarterly @yearly @once @continuous`), several of them,
 * a fixed distance, updates of assets, or null for manual runs only.
 */
export type Schedule =
  string | readonly string[] | null | { readonly every: Duration } | CronSchedule | AssetSchedule;

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
  /** Asset ids, sorted. */
  | { readonly kind: "assets"; readonly assets: readonly string[]; readonly when: "all" | "any" }
  | { readonly kind: "none" };
