import type { Outcome } from "../../packages/dag-core/src/definition/outcome.ts";
import { carryOutRequests } from "../../packages/dag-core/src/client/requests.ts";
import { claimReady, type ClaimOptions } from "../../packages/dag-core/src/executor/claim.ts";
import { EventBus } from "../../packages/dag-core/src/kernel/events.ts";
import {
  type Advanced,
  advanceRuns,
  type AdvanceOptions,
} from "../../packages/dag-core/src/scheduler/advance-runs.ts";
import {
  createAssetRun,
  dagsDueByAssets,
} from "../../packages/dag-core/src/scheduler/asset-runs.ts";
import { createDueRuns } from "../../packages/dag-core/src/scheduler/create-runs.ts";
import { DatabaseClock } from "../../packages/dag-core/src/scheduler/database-clock.ts";
import type { FinishReport } from "../../packages/dag-core/src/scheduler/hop.ts";
import { QueueHeads } from "../../packages/dag-core/src/scheduler/queue-heads.ts";
import { RunCache } from "../../packages/dag-core/src/scheduler/run-cache.ts";
import {
  type QueuedGroup,
  queuedGroups,
  startGroups,
} from "../../packages/dag-core/src/scheduler/start-runs.ts";
import { tick, type TickOptions } from "../../packages/dag-core/src/scheduler/tick.ts";
import { Database } from "../../packages/dag-core/src/store/database.ts";
import { processRegister } from "../../packages/dag-core/src/store/process.ts";
import type { ClaimedRow } from "../../packages/dag-core/src/store/task-ready.ts";
import { sql } from "./factory.ts";

/** A running attempt, as a test names it. */
export interface Running {
  readonly dagRunId: string;
  readonly taskInstanceId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly lease: string;
}

export const success: Outcome = { kind: "success" };
export const skipped: Outcome = { kind: "skipped", message: "not today" };
export const failed = {
  kind: "failed",
  reason: "error",
  error: { class: "Error", message: "no" },
  retry: "never",
} as const satisfies Outcome;

/**
 * The parts of a scheduler that work on the database, without their loops: a test says what happens when. It has
 * connections and a memory of its own, as another process has.
 */
export class EngineProcess implements AsyncDisposable {
  readonly database: Database;
  /** On a clock that stands still no look into a queue is ever begun anywhere but at its head. */
  readonly cache = new RunCache(undefined, new QueueHeads(() => 0));
  readonly clock = new DatabaseClock();
  readonly bus = new EventBus();
  readonly processId: string;

  private constructor(database: Database, processId: string) {
    this.database = database;
    this.processId = processId;
  }

  static async start(url: string): Promise<EngineProcess> {
    const database = new Database({ url, connections: 4 });
    const facts = { host: "test", pid: 1, version: "0", capacity: 16 };
    return new EngineProcess(
      database,
      await processRegister(database, { kind: "scheduler", ...facts }),
    );
  }

  #options(slots: number): AdvanceOptions {
    const { cache, clock, processId } = this;
    return { cache, clock, processId, slots: () => slots, maxInfraRetries: 3 };
  }

  create(now: Date, maxDags?: number) {
    return createDueRuns(this.database, { cache: this.cache, now, ...(maxDags && { maxDags }) });
  }

  /** Makes the runs that updates of assets ask for. */
  async createForAssets(): Promise<void> {
    const due = await dagsDueByAssets(this.database, { maxDags: 50, besides: [] });
    for (const dagId of due) await createAssetRun(this.database, dagId);
  }

  /** Starts queued runs; without slots their tasks become ready for a claim. */
  async startRuns(slots = 0): Promise<number> {
    let count = 0;
    for (const group of await queuedGroups(this.database)) {
      for (let left: readonly QueuedGroup[] = [group]; left.length > 0;) {
        const started = await startGroups(this.database, left, this.#options(slots));
        count += started.advanced?.hop.entries.size ?? 0;
        left = started.unfinished;
      }
    }
    return count;
  }

  advance(dagRunIds: readonly string[], slots = 0): Promise<Advanced> {
    return advanceRuns(this.database, { ...this.#options(slots), dagRunIds });
  }

  finish(running: readonly Running[], outcome: Outcome = success, slots = 0): Promise<Advanced> {
    return this.finishEach(running, () => outcome, slots);
  }

  /** One batch of attempts that end in different ways. */
  finishEach(
    running: readonly Running[],
    outcomeOf: (one: Running) => Outcome,
    slots = 0,
  ): Promise<Advanced> {
    const finished = running.map((one): FinishReport => {
      const { dagRunId, taskInstanceId, lease } = one;
      return { dagRunId, taskInstanceId, lease, outcome: outcomeOf(one), endedAt: new Date() };
    });
    return advanceRuns(this.database, { ...this.#options(slots), finished });
  }

  async claim(
    slots: number,
    share: Pick<ClaimOptions, "backfillSlots" | "sharePercent"> = {},
  ): Promise<readonly Running[]> {
    const rows: ClaimedRow[] = [];
    const onClaimed = async (claimed: readonly ClaimedRow[]) => void rows.push(...claimed);
    const { cache, processId } = this;
    await claimReady(this.database, { cache, processId, slots, ...share, onClaimed });
    return rows.map(runningOf);
  }

  tick(options: Partial<TickOptions> = {}): Promise<{ readonly runsCreated: number }> {
    const { database, cache, bus, processId } = this;
    return tick({
      database,
      cache,
      bus,
      now: new Date(),
      leaseMs: 15_000,
      createsRuns: true,
      looksForLost: true,
      maxInfraRetries: 3,
      lend: (fn) => fn({ slots: 0, backfillSlots: 0, processId }),
      carryOutRequests: () => carryOutRequests(database, bus),
      onAdvanced: () => Promise.resolve(),
      ...options,
    });
  }

  /** Makes its heartbeat older than any lease. */
  async fallSilent(): Promise<void> {
    await sql(
      this.database,
      "update process set heartbeat_at = now() - interval '1 hour' where process_id = $1::bigint",
      this.processId,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
  }
}

export function runningOf(row: ClaimedRow): Running {
  return {
    dagRunId: row.dag_run_id,
    taskInstanceId: row.task_instance_id,
    taskId: row.task_id,
    mapIndex: row.map_index,
    lease: row.lease_token ?? "",
  };
}

/** What a hop started. */
export function startedBy({ hop }: Advanced): readonly Running[] {
  return hop.started.map(({ entry, instance, lease }) => ({
    dagRunId: entry.facts.dag_run_id,
    taskInstanceId: instance.taskInstanceId,
    taskId: instance.taskId,
    mapIndex: instance.mapIndex,
    lease,
  }));
}
