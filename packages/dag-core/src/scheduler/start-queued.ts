import type { EventBus } from "../kernel/events.ts";
import type { Store } from "../store/database.ts";
import { isTransient } from "../store/transient-errors.ts";
import type { Advanced, AdvanceOptions } from "./advance-runs.ts";
import { emitHop, emitStuck } from "./hop-events.ts";
import { type Lend, type Lent, slotsOf } from "./lend.ts";
import {
  type GroupsStarted,
  maxGroups,
  noneStarted,
  type QueuedGroup,
  queuedGroups,
  type QueueLook,
  startFirst,
  startGroups,
  type StartRunsOptions,
} from "./start-runs.ts";

export interface StartQueuedOptions extends Omit<
  AdvanceOptions,
  "finished" | "dagRunIds" | "slots" | "backfillSlots" | "processId"
> {
  readonly database: Store;
  readonly bus: EventBus;
  readonly lend: Lend;
  /** Takes over what a hop started; the slots stay lent until then. */
  readonly onAdvanced: (advanced: Advanced) => Promise<void>;
}

const maxFruitlessSlices = 10;
/** Then the next look goes on: creating, rescuing and the runs of other DAGs wait meanwhile. */
const maxSlices = 10;

/** What became of a look at everything that is queued. */
export interface QueueStarted {
  /** Whether runs stay in the queue for want of slots. */
  readonly isShort: boolean;
  /** Whether runs stay in the queue until others end. */
  readonly isFull: boolean;
  /** Whether more could start, and was left to the next look so that other work gets its turn. */
  readonly isCut: boolean;
}

/**
 * Starts what is queued.
 *
 * @param isWhole whether runs that take no slot are looked for while there is none
 */
export function startQueued(options: StartQueuedOptions, isWhole: boolean): Promise<QueueStarted> {
  return new QueueStart(options).start(isWhole);
}

interface GroupLook {
  /** Whether nothing else is queued, and no worker waits for tasks. */
  readonly isAlone: boolean;
  readonly isWhole: boolean;
}

function lookAt(groups: readonly QueuedGroup[], isWhole: boolean): GroupLook {
  return { isAlone: groups.length === 1 && !groups.some((group) => group.has_workers), isWhole };
}

/** The groups are looked at together; what cannot be started fails alone and holds up no other group. */
class QueueStart {
  readonly #options: StartQueuedOptions;
  #isShort = false;
  #isFull = false;
  #isCut = false;

  constructor(options: StartQueuedOptions) {
    this.#options = options;
  }

  async start(isWhole: boolean): Promise<QueueStarted> {
    const { groups, started: first } = await this.#startFirst(isWhole);
    const look = lookAt(groups, isWhole);
    for (let from = 0; from < groups.length; from += maxGroups) {
      const some = groups.slice(from, from + maxGroups);
      const started = from === 0 ? first : await this.#startTogether(some, look);
      const rest = started?.unfinished ?? some;
      for (const group of rest) await this.#startAlone(group, look, started ? 1 : 0);
    }
    return { isShort: this.#isShort, isFull: this.#isFull, isCut: this.#isCut };
  }

  /** Almost every look finds one group, or none. What fails here fails again alone, and is told then. */
  async #startFirst(isWhole: boolean): Promise<QueueLook> {
    const { database, lend } = this.#options;
    try {
      return await lend(async (lent) => {
        const optionsOf = (groups: readonly QueuedGroup[]) =>
          this.#startOptions(lent, lookAt(groups, isWhole), 0);
        const look = await startFirst(database, optionsOf);
        if (look.started) await this.#begun(look.started);
        return look;
      });
    } catch (error) {
      if (isTransient(error)) throw error;
      return { groups: await queuedGroups(database), started: undefined };
    }
  }

  /** @returns undefined where one of them is at fault: it fails again alone, and is told then */
  async #startTogether(
    groups: readonly QueuedGroup[],
    look: GroupLook,
  ): Promise<GroupsStarted | undefined> {
    try {
      return await this.#startSome(groups, look, 0);
    } catch (error) {
      if (isTransient(error)) throw error;
      return undefined;
    }
  }

  async #startAlone(group: QueuedGroup, look: GroupLook, looked: number): Promise<void> {
    try {
      await this.#startSlices(group, look, looked);
    } catch (error) {
      if (isTransient(error)) throw error;
      const { dag_id: dagId } = group;
      emitStuck(this.#options.bus, `DAG "${dagId}"`, error, { dagId });
    }
  }

  /**
   * A backfill that looks back has a long queue that cannot start; it is looked through in slices.
   *
   * @param looked slices that were looked at already
   */
  async #startSlices(group: QueuedGroup, look: GroupLook, looked: number): Promise<void> {
    let fruitless = 0;
    for (let batch = looked; batch < maxSlices; batch++) {
      const { advanced, unfinished } = await this.#startSome([group], look, batch);
      if (unfinished.length === 0) return;
      fruitless = advanced ? 0 : fruitless + 1;
      if (fruitless === maxFruitlessSlices) return;
    }
    this.#isCut = true;
  }

  /**
   * Where nothing else is queued, and nobody else waits for tasks, runs that find no slot stay in the queue: their tasks
   * would be written twice more before they run. Beside others they start, and the priorities of their tasks decide. No
   * more runs are looked at than there are slots, and twice as many each time where some take none.
   */
  #startOptions(
    lent: Lent,
    { isAlone, isWhole }: GroupLook,
    batch: number,
  ): StartRunsOptions | undefined {
    const mayLeaveQueued = isAlone && lent.mayLeaveQueued === true;
    if (mayLeaveQueued && lent.slots === 0 && (batch > 0 || !isWhole)) {
      this.#isShort = true;
      return undefined;
    }
    const most = mayLeaveQueued ? Math.max(1, lent.slots) * 2 ** batch : undefined;
    return { ...this.#options, ...slotsOf(lent), most, mayLeaveQueued };
  }

  async #startSome(
    groups: readonly QueuedGroup[],
    look: GroupLook,
    batch: number,
  ): Promise<GroupsStarted> {
    const { database, lend } = this.#options;
    return lend(async (lent) => {
      const options = this.#startOptions(lent, look, batch);
      if (!options) return noneStarted;
      const started = await startGroups(database, groups, options);
      await this.#begun(started);
      return started;
    });
  }

  async #begun({ advanced, isShort, isFull }: GroupsStarted): Promise<void> {
    if (isShort) this.#isShort = true;
    if (isFull) this.#isFull = true;
    if (!advanced) return;
    const { bus, onAdvanced } = this.#options;
    const { entries, suspended } = advanced.hop;
    for (const entry of entries.values()) {
      const { dag_id: dagId, run_id: runId } = entry.facts;
      if (!suspended.includes(entry)) bus.emit("dag_run.started", { dagId, runId });
    }
    emitHop(bus, advanced);
    await onAdvanced(advanced);
  }
}
