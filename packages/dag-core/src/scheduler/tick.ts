import { finishCancels } from "../backfill/cancel.ts";
import type { EventBus } from "../kernel/events.ts";
import { toError } from "../kernel/errors.ts";
import type { Store } from "../store/database.ts";
import { dagRunToDecide } from "../store/dag-run.ts";
import { isTransient } from "../store/transient-errors.ts";
import { type Advanced, advanceRuns, type AdvanceOptions } from "./advance-runs.ts";
import { createForAssets, createForSchedules } from "./create-due.ts";
import { emitHop } from "./hop-events.ts";
import { settlePastWaits } from "./look-back.ts";
import { lostAttempts, loseSilentProcesses } from "./rescue-lost.ts";
import { tellWakes } from "./waits.ts";
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

/** Free slots of a process, and in whose name they are. */
export interface Lent {
  readonly slots: number;
  /** Of them, those that runs of backfills may take. */
  readonly backfillSlots: number;
  readonly processId: string | undefined;
  /**
   * Whether runs that find no slot may stay in the queue: this process looks again when slots come back, and knows of no
   * tasks that wait for them. Defaults to false.
   */
  readonly mayLeaveQueued?: boolean;
}

/** Lends the free slots of this process for one transaction. */
export type Lend = <T>(fn: (lent: Lent) => Promise<T>) => Promise<T>;

export interface TickOptions extends Omit<
  AdvanceOptions,
  "finished" | "dagRunIds" | "slots" | "backfillSlots" | "processId"
> {
  readonly database: Store;
  readonly bus: EventBus;
  /** Read once; the schedule arithmetic of the tick uses this instant. */
  readonly now: Date;
  readonly leaseMs: number;
  /** Whether to create the runs that schedules ask for; without, only what is triggered runs. */
  readonly createsRuns: boolean;
  /** Whether to look for attempts of lost processes even if none was lost just now. */
  readonly looksForLost: boolean;
  readonly lend: Lend;
  /** Carries out what was asked for in SQL; absent: nobody can ask. */
  readonly carryOutRequests?: () => Promise<void>;
  /** Takes over what a hop started; the slots stay lent until then. */
  readonly onAdvanced: (advanced: Advanced) => Promise<void>;
}

const maxRunsPerBatch = 200;
const maxBatches = 40;
const maxFruitlessBatches = 10;
/** Then the next look goes on: creating, rescuing and the runs of other DAGs wait meanwhile. */
const maxStartBatches = 10;

/** What a tick came to. */
export interface Ticked {
  readonly runsCreated: number;
  /** Whether runs stay in the queue for want of slots. */
  readonly isShort: boolean;
  /** Whether runs stay in the queue until others end. */
  readonly isFull: boolean;
  /** Whether more could start, and was left to the next look so that other work gets its turn. */
  readonly isCut: boolean;
}

/**
 * One step of the scheduler: carries out what was asked for in SQL, creates the runs that are due, rescues what is lost,
 * tells waits of what has come, decides what changed, starts what is queued.
 */
export async function tick(options: TickOptions): Promise<Ticked> {
  const steps = new TickSteps(options);
  await options.carryOutRequests?.();
  const runsCreated = options.createsRuns
    ? (await createForSchedules(options)) + (await createForAssets(options))
    : 0;
  await steps.rescue(options);
  await settlePastWaits(options.database);
  await tellWakes(options.database);
  await steps.decideChanged();
  await steps.startQueued(true);
  return steps.ticked(runsCreated);
}

/** The step that starts what waits, alone: what a tick comes to when a run was triggered and nothing else is due. */
export async function startQueued(options: StepOptions): Promise<Ticked> {
  const steps = new TickSteps(options);
  await steps.startQueued(false);
  return steps.ticked(0);
}

const slotsOf = ({ slots, backfillSlots, processId }: Lent) => ({
  slots: () => slots,
  backfillSlots: () => backfillSlots,
  processId,
});

type StepOptions = Omit<TickOptions, "now" | "looksForLost">;
type Work = Pick<AdvanceOptions, "finished" | "dagRunIds">;

interface GroupLook {
  /** Whether nothing else is queued, and no worker waits for tasks. */
  readonly isAlone: boolean;
  readonly isWhole: boolean;
}

function lookAt(groups: readonly QueuedGroup[], isWhole: boolean): GroupLook {
  return { isAlone: groups.length === 1 && !groups.some((group) => group.has_workers), isWhole };
}

/** The steps that advance runs. What cannot be advanced fails alone and holds up no other run. */
class TickSteps {
  readonly #options: StepOptions;
  /** Runs that this tick does not look at again, so that they take no places in its batches. */
  readonly #stuck = new Set<string>();
  #isShort = false;
  #isFull = false;
  #isCut = false;

  constructor(options: StepOptions) {
    this.#options = options;
  }

  ticked(runsCreated: number): Ticked {
    return { runsCreated, isShort: this.#isShort, isFull: this.#isFull, isCut: this.#isCut };
  }

  async rescue({ now, looksForLost }: TickOptions): Promise<void> {
    const { database, bus, leaseMs } = this.#options;
    const lost = await loseSilentProcesses(database, leaseMs);
    for (const processId of lost) bus.emit("process.lost", { processId });
    if (lost.length === 0 && !looksForLost) return;
    await finishCancels(database);
    const finished = await lostAttempts(database, now);
    for (let from = 0; from < finished.length; from += maxRunsPerBatch) {
      await this.#advance({ finished: finished.slice(from, from + maxRunsPerBatch) });
    }
  }

  async decideChanged(): Promise<void> {
    for (let batch = 0; batch < maxBatches; batch++) {
      const { database } = this.#options;
      const dagRunIds = await dagRunToDecide(database, maxRunsPerBatch, [...this.#stuck]);
      if (dagRunIds.length > 0) await this.#advance({ dagRunIds });
      if (dagRunIds.length < maxRunsPerBatch) return;
    }
  }

  /** @param isWhole whether runs that take no slot are looked for while there is none */
  async startQueued(isWhole: boolean): Promise<void> {
    const { groups, started: first } = await this.#startFirst(isWhole);
    const look = lookAt(groups, isWhole);
    for (let from = 0; from < groups.length; from += maxGroups) {
      const some = groups.slice(from, from + maxGroups);
      const started = from === 0 ? first : await this.#startTogether(some, look);
      const rest = started?.unfinished ?? some;
      for (const group of rest) await this.#startAlone(group, look, started ? 1 : 0);
    }
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
      this.#failed(`DAG "${group.dag_id}"`, error, { dagId: group.dag_id });
    }
  }

  /**
   * A backfill that looks back has a long queue that cannot start; it is looked through in slices.
   *
   * @param looked slices that were looked at already
   */
  async #startSlices(group: QueuedGroup, look: GroupLook, looked: number): Promise<void> {
    let fruitless = 0;
    for (let batch = looked; batch < maxStartBatches; batch++) {
      const { advanced, unfinished } = await this.#startSome([group], look, batch);
      if (unfinished.length === 0) return;
      fruitless = advanced ? 0 : fruitless + 1;
      if (fruitless === maxFruitlessBatches) return;
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
    const { entries, suspended } = advanced.hop;
    for (const entry of entries.values()) {
      const { dag_id: dagId, run_id: runId } = entry.facts;
      if (!suspended.includes(entry)) this.#options.bus.emit("dag_run.started", { dagId, runId });
    }
    await this.#told(advanced);
  }

  async #advance(work: Work): Promise<void> {
    try {
      await this.#options.lend(async (lent) => {
        const options = { ...this.#options, ...work, ...slotsOf(lent) };
        await this.#told(await advanceRuns(this.#options.database, options));
      });
    } catch (error) {
      if (isTransient(error)) throw error;
      const parts = byRun(work);
      if (parts.length > 1) for (const part of parts) await this.#advance(part);
      else {
        const dagRunId = work.dagRunIds?.[0] ?? work.finished?.[0]?.dagRunId;
        if (dagRunId !== undefined) this.#stuck.add(dagRunId);
        this.#failed(`Run "${dagRunId}"`, error, dagRunId === undefined ? {} : { dagRunId });
      }
    }
  }

  async #told(advanced: Advanced): Promise<void> {
    emitHop(this.#options.bus, advanced);
    await this.#options.onAdvanced(advanced);
  }

  #failed(
    subject: string,
    error: unknown,
    about: { readonly dagId?: string; readonly dagRunId?: string },
  ): void {
    const { message } = toError(error);
    const text = `${subject} cannot be advanced: ${message}; correct the cause, each look tries again`;
    this.#options.bus.emit("scheduler.tick_failed", { ...about, error: text });
  }
}

function byRun({ finished = [], dagRunIds = [] }: Work): readonly Work[] {
  const reports = [...Map.groupBy(finished, (report) => report.dagRunId).values()];
  return [
    ...reports.map((own) => ({ finished: own })),
    ...dagRunIds.map((id) => ({ dagRunIds: [id] })),
  ];
}
