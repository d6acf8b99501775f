import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import type { FinishReport } from "../scheduler/hop.ts";
import type { Database } from "../store/database.ts";
import type { LeasedRow, StartedRow } from "../store/rows.ts";
import { isTransient } from "../store/transient-errors.ts";
import type { StartedHandOff } from "./hand-off.ts";
import { handOffs, type Startable } from "./hand-over.ts";

export interface TakenOver {
  readonly handOff: StartedHandOff;
  readonly row: StartedRow;
}

export interface TakeOverOptions {
  readonly database: Database;
  readonly bus: EventBus;
  readonly submit: (batch: readonly TakenOver[]) => void;
  /** Gives back a task instance that cannot reach the executor. */
  readonly giveUp: (row: LeasedRow, error: Error) => void;
  /** Whether what was started under the id of a process is still this process's. */
  readonly isOwn: (processId: string | null) => boolean;
}

/** The lease ended between a commit that started attempts and their way to the executor: somebody else starts them again. */
export class LeaseEndedError extends Error {
  override readonly name = "LeaseEndedError";
}

const retryDelayMs = 250;

/**
 * The way of an attempt from the commit that started it to the executor. What is committed stays so: a database that is
 * away is waited for, and what cannot be handed over is given back. It never throws, so no commit is repeated for it.
 */
export class TakeOver {
  readonly #options: TakeOverOptions;
  readonly #leases = new Set<string>();

  constructor(options: TakeOverOptions) {
    this.#options = options;
  }

  /** Whether an attempt is on the way. */
  holds(lease: string): boolean {
    return this.#leases.has(lease);
  }

  async run(rows: readonly StartedRow[], read: () => Promise<readonly Startable[]>): Promise<void> {
    if (rows.length === 0) return;
    const { submit, giveUp, isOwn } = this.#options;
    const isOurs = () => rows.every((row) => isOwn(row.process_id));
    for (const row of rows) this.#leases.add(row.lease_token);
    const byLease = new Map(rows.map((row) => [row.lease_token, row]));
    try {
      const batch = await this.#patiently(isOurs, async () =>
        handOffs(this.#options.database, await read()),
      );
      if (!isOurs()) throw new LeaseEndedError("The lease ended before the attempt began");
      submit(batch.flatMap((handOff) => pair(handOff, byLease.get(handOff.lease))));
      for (const { lease } of batch) byLease.delete(lease);
      for (const row of byLease.values()) giveUp(row, new Error("Its task or run is not known"));
    } catch (error) {
      for (const row of byLease.values()) giveUp(row, toError(error));
    } finally {
      for (const row of rows) this.#leases.delete(row.lease_token);
    }
  }

  /** Until the lease ends: then somebody else starts the attempts again. */
  async #patiently<T>(isOurs: () => boolean, read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!isTransient(error) || !isOurs()) throw error;
        this.#options.bus.emit("database.lost", { error: toError(error).message });
        await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
      }
    }
  }
}

function pair(handOff: StartedHandOff, row: StartedRow | undefined): readonly TakenOver[] {
  return row ? [{ handOff, row }] : [];
}

/** What is reported of an attempt that never reached the executor. */
export function lostReport(
  row: LeasedRow,
  reason: "stopped" | "exit",
  message: string,
): FinishReport {
  return {
    dagRunId: row.dag_run_id,
    taskInstanceId: row.task_instance_id,
    lease: row.lease_token,
    endedAt: new Date(),
    outcome: { kind: "lost", reason, wasAlone: true, message },
  };
}
