import { setInterval } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { LoadedDags } from "../../packages/dag-core/src/executor/executor.ts";
import {
  RunnerPool,
  type RunnerPoolOptions,
} from "../../packages/dag-core/src/executor/runner-pool.ts";
import { ExecutorProbe } from "./executor-probe.ts";

export interface PoolFixture extends AsyncDisposable {
  readonly pool: RunnerPool;
  readonly probe: ExecutorProbe;
  readonly loaded: LoadedDags;
  /** What the processes printed outside of attempts. */
  readonly printed: string[];
}

/** Path of a folder in `test/fixtures`. */
export function fixtureFolder(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

const withinMs = 60_000;

/** Resolves when a pool can carry so many attempts: its other runners come up while the first is at work. */
export async function capacityOf(pool: RunnerPool, slots: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  for await (const _turn of setInterval(20)) {
    if (pool.freeSlots() === slots) return;
    if (performance.now() > deadline) throw new Error(`${pool.freeSlots()} of ${slots} slots`);
  }
}

/** A pool with one runner, unless said otherwise, that is closed at the end of its `await using` block. */
export async function startPool(
  dagsFolder: string,
  options: Partial<RunnerPoolOptions> = {},
): Promise<PoolFixture> {
  const probe = new ExecutorProbe();
  const printed: string[] = [];
  const pool = new RunnerPool({
    dagsFolder,
    reports: probe.reports,
    installationId: "test",
    runners: 1,
    graceMs: 1_000,
    onOutput: (text) => void printed.push(text),
    ...options,
  });
  const loaded = await pool.start();
  return { pool, probe, loaded, printed, [Symbol.asyncDispose]: () => pool.close() };
}
