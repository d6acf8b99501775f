import { EventBus } from "../../packages/dag-core/src/kernel/events.ts";
import { RunCache } from "../../packages/dag-core/src/scheduler/run-cache.ts";
import { tick, type TickOptions } from "../../packages/dag-core/src/scheduler/tick.ts";
import { Database } from "../../packages/dag-core/src/store/database.ts";
import { tickDue } from "../../packages/dag-core/src/store/tick.ts";

const leaseMs = 15_000;
const noSlots = { slots: 0, backfillSlots: 0, processId: undefined };

export interface Ticking {
  readonly database: Database;
  /** One whole step of a scheduler that has no slots: what it starts stays ready. @returns milliseconds */
  tick(): Promise<number>;
}

/** The steps of a scheduler, taken by hand on a database that is migrated. */
export async function withTicks<T>(url: string, use: (ticking: Ticking) => Promise<T>): Promise<T> {
  const database = new Database({ url, findsByKey: true });
  const options: Omit<TickOptions, "now"> = {
    database,
    bus: new EventBus(),
    cache: new RunCache(),
    leaseMs,
    createsRuns: true,
    looksForLost: true,
    maxInfraRetries: 3,
    lend: (fn) => fn(noSlots),
    onAdvanced: () => Promise.resolve(),
  };
  try {
    return await use({
      database,
      tick: async () => {
        const started = performance.now();
        const { now } = await tickDue(database, leaseMs);
        await tick({ ...options, now });
        return performance.now() - started;
      },
    });
  } finally {
    await database.close();
  }
}
