import type { DagManifest, TaskManifest } from "../definition/manifest.ts";
import { unlimitedPool } from "../definition/pool-problem.ts";

/** A thing that is counted across runs, as `kind:name`. */
export type LimitKey = string;

export function limitKey(kind: string, name: string): LimitKey {
  return `${kind}:${name}`;
}

/** The limit of all tries of the installation: where it is set, everything counts against it. */
export const installationLimit = limitKey("installation", "tries");

export function parseLimitKey(key: LimitKey): { readonly kind: string; readonly name: string } {
  const colon = key.indexOf(":");
  return { kind: key.slice(0, colon), name: key.slice(colon + 1) };
}

/** Capacities that a manifest itself states, by key. Those of pools are stored with the pool. */
export function statedLimits(
  manifest: DagManifest,
  task: TaskManifest,
): ReadonlyMap<LimitKey, number> {
  const limits = new Map<LimitKey, number>();
  if (manifest.maxActiveTasksPerDag !== undefined) {
    limits.set(limitKey("dag_tasks", manifest.dagId), manifest.maxActiveTasksPerDag);
  }
  if (task.maxActivePerDag !== undefined) {
    limits.set(limitKey("task", `${manifest.dagId}/${task.taskId}`), task.maxActivePerDag);
  }
  if (task.concurrencyKey) {
    limits.set(limitKey("key", task.concurrencyKey.key), task.concurrencyKey.limit);
  }
  return limits;
}

/** Everything that a task counts against across runs; empty for most. */
export function limitsOf(manifest: DagManifest, task: TaskManifest): readonly LimitKey[] {
  const pool = task.pool === unlimitedPool ? [] : [limitKey("pool", task.pool)];
  return [...pool, ...statedLimits(manifest, task).keys()];
}

/** Slots that a task takes of a limit: its pool slots of a pool, one of anything else. */
export function slotsOf(key: LimitKey, poolSlots: number): number {
  return key.startsWith("pool:") ? poolSlots : 1;
}

export interface Claimable {
  readonly limits: readonly LimitKey[];
  readonly poolSlots: number;
}

/** Free slots and all slots of limits, counted under their locks; a key without entry is not limited. */
export interface LimitSlots {
  readonly open: ReadonlyMap<LimitKey, number>;
  readonly capacity: ReadonlyMap<LimitKey, number>;
}

/** What limits have left while candidates are looked at in their order. */
export class Room {
  readonly #left: Map<LimitKey, number>;
  readonly #capacity: ReadonlyMap<LimitKey, number>;

  constructor({ open, capacity }: LimitSlots) {
    this.#left = new Map(open);
    this.#capacity = capacity;
  }

  /** Limits that hold a candidate back. */
  shortOf({ limits, poolSlots }: Claimable): readonly LimitKey[] {
    return limits.filter((key) => (this.#left.get(key) ?? Infinity) < slotsOf(key, poolSlots));
  }

  take({ limits, poolSlots }: Claimable): void {
    for (const key of limits) {
      const left = this.#left.get(key);
      if (left !== undefined) this.#left.set(key, left - slotsOf(key, poolSlots));
    }
  }

  /**
   * Leaves the rest of a limit to a candidate that wants more of it than is free: those behind it, which want less,
   * would otherwise overtake it for ever. One that wants more than there is at all keeps nothing from anybody.
   */
  keep(key: LimitKey, { poolSlots }: Claimable): void {
    if (slotsOf(key, poolSlots) <= (this.#capacity.get(key) ?? Infinity)) this.#left.set(key, 0);
  }
}

/**
 * Chooses, in the order given, what may start without exceeding a limit. What one limit alone holds back is the next
 * to get slots of it, so that its wait ends with those that run before it.
 *
 * @param rooms what is left; a candidate starts if there is room for it in each
 * @param most how many may start
 * @returns what may start, and the keys that held something back
 */
export function admit<C extends Claimable>(
  candidates: readonly C[],
  rooms: readonly Room[],
  most = Infinity,
): { readonly admitted: readonly C[]; readonly full: ReadonlySet<LimitKey> } {
  const admitted: C[] = [];
  const full = new Set<LimitKey>();
  for (const candidate of candidates) {
    if (admitted.length >= most) break;
    const short = rooms.flatMap((room) => room.shortOf(candidate).map((key) => ({ room, key })));
    const keys = new Set(short.map(({ key }) => key));
    for (const key of keys) full.add(key);
    const [first] = short;
    if (first === undefined) {
      for (const room of rooms) room.take(candidate);
      admitted.push(candidate);
    } else if (keys.size === 1) first.room.keep(first.key, candidate);
  }
  return { admitted, full };
}
