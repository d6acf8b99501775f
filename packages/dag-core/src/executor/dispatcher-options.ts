import type { OutcomeMask } from "./mask-outcome.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Advanced } from "../scheduler/advance-runs.ts";
import type { DatabaseClock } from "../scheduler/database-clock.ts";
import type { LeftRuns } from "../scheduler/left-runs.ts";
import type { RunCache } from "../scheduler/run-cache.ts";
import type { Database } from "../store/database.ts";
import type { AttemptInput } from "./hand-off.ts";
import type { Executor } from "./executor.ts";

export interface DispatcherOptions {
  readonly database: Database;
  readonly cache: RunCache;
  readonly clock: DatabaseClock;
  readonly bus: EventBus;
  readonly executor: Executor;
  /** What this process leaves to others. */
  readonly left: LeftRuns;
  readonly maxInfraRetries: number;
  /** Most attempts at once in this process. Defaults to what the executor takes. */
  readonly parallelism?: number | undefined;
  /** Share of the slots that backfills may take while other work waits, in percent. */
  readonly backfillShare: number;
  /** Time that an attempt has between an abort and its end, in milliseconds. */
  readonly graceMs: number;
  /** Keeps secrets out of what attempts bring back. */
  readonly mask: OutcomeMask;
  /** Called after a commit that left work which others may do: ready tasks, ended runs. */
  readonly onAdvanced: (advanced: Advanced) => void;
  /** Called whenever slots that were lent or taken may be free again. */
  readonly onSlotsFree?: () => void;
}

/** An attempt that is with the executor. */
export interface Carried {
  readonly dagRunId: string;
  readonly taskInstanceId: string;
  readonly lease: string;
  readonly input: AttemptInput;
  readonly isBackfill: boolean;
  startedAt?: Date;
}
