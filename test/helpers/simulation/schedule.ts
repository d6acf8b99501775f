import { cancelRun } from "../../../packages/dag-core/src/client/cancel-run.ts";
import { createBackfill } from "../../../packages/dag-core/src/client/create-backfill.ts";
import {
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
} from "../../../packages/dag-core/src/client/backfill-verbs.ts";
import { clearTasks } from "../../../packages/dag-core/src/client/clear-tasks.ts";
import { setDagPaused } from "../../../packages/dag-core/src/client/pause-dag.ts";
import type { Scope } from "../../../packages/dag-core/src/client/scope.ts";
import { trigger } from "../../../packages/dag-core/src/client/trigger.ts";
import { TidemillError } from "../../../packages/dag-core/src/kernel/errors.ts";
import { randomDag } from "./random-dags.ts";
import { activities } from "./simulated-process.ts";
import { leaseMs, World, type WorldOptions } from "./world.ts";

export interface ScheduleOptions extends WorldOptions {
  /** How many things happen before everybody is left in peace. Defaults to a number that the seed decides. */
  readonly steps?: number | undefined;
  /** Told what happens. */
  readonly onStep?: ((text: string) => void) | undefined;
}

export interface ScheduleResult {
  readonly seed: number;
  readonly steps: number;
  readonly commits: number;
  /** What did not hold, in words; empty when all went well. */
  readonly broken: readonly string[];
  readonly world: World;
}

type Step = readonly [weight: number, name: string, act: () => Promise<void> | void];

/** Lets chance decide what happens for some steps, then leaves everybody in peace and looks at what came of it. */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const world = new World(options);
  const steps = options.steps ?? 15 + world.dice.upTo(45);
  const chaos = new Chaos(world);
  try {
    await chaos.begin();
    for (let step = 0; step < steps && world.broken.length === 0; step++) {
      const happened = await chaos.step();
      options.onStep?.(`${world.now.toISOString()} ${happened}`);
    }
    await chaos.end();
    if (world.broken.length === 0) await world.calmDown();
  } catch (error) {
    world.broken.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const { seed, commits, broken } = world;
  return { seed, steps, commits, broken, world };
}

/** How to see a failed schedule again, after as few steps as it takes. */
export async function replayCommand({ seed, steps, broken }: ScheduleResult): Promise<string> {
  const short = await fewestSteps(seed, steps);
  return `${broken.slice(0, 5).join("\n")}\nSee it again: npm run simulate -- --seed ${seed} --steps ${short}`;
}

/** What goes wrong early goes wrong whatever would have come after it. */
async function fewestSteps(seed: number, steps: number): Promise<number> {
  const fails = async (most: number) =>
    (await runSchedule({ seed, steps: most })).broken.length > 0;
  for (let most = 0; most < steps; most++) if (await fails(most)) return most;
  return steps;
}

/** The choices of chance, by how often each comes up. */
class Chaos {
  readonly #world: World;
  readonly #scope: Scope;

  constructor(world: World) {
    this.#world = world;
    this.#scope = { database: world.store, actor: "simulation" };
  }

  async begin(): Promise<void> {
    await this.#world.load();
    await this.#world.addProcess(true);
    for (let n = this.#world.dice.upTo(2); n > 0; n--) {
      await this.#world.addProcess(this.#world.dice.chance(0.6));
    }
  }

  /** Operators leave nothing paused behind. */
  async end(): Promise<void> {
    for (const { dagId } of this.#world.dags) await setDagPaused(this.#scope, dagId, false);
    for (const row of this.#world.store.tables.backfills.all()) {
      if (row.state === "paused")
        await this.#try(() => resumeBackfill(this.#scope, row.backfill_id));
    }
  }

  /** @returns what happened */
  async step(): Promise<string> {
    const world = this.#world;
    const steps = [...this.#work(), ...this.#faults(), ...(world.isSteady ? [] : this.#verbs())];
    const total = steps.reduce((sum, [weight]) => sum + weight, 0);
    let left = world.dice.number() * total;
    for (const [weight, name, act] of steps) {
      left -= weight;
      if (left > 0) continue;
      await act();
      world.check();
      return name;
    }
    return "nothing";
  }

  #work(): Step[] {
    const world = this.#world;
    const steps: Step[] = world.processes.flatMap((process, n) =>
      process.isPaused
        ? []
        : activities.flatMap((name): Step[] => {
            const thread = process.threads[name];
            if (thread.isParked) return [[4, `${name} of ${n} goes on`, () => thread.resume()]];
            if (thread.isBusy || (name === "tick" && !process.isScheduler)) return [];
            if (name === "complete" && !process.hasCompleted) return [];
            const weight = name === "reconcile" ? 0.3 : 2;
            return [[weight, `${name} of ${n} begins`, () => process.begin(name)]];
          }),
    );
    const { upTo, chance } = world.dice;
    const wait = () => {
      const next = world.nextMs();
      const some = world.nowMs + upTo(chance(0.1) ? 3_600_000 : 20_000);
      return world.passUntil(next !== undefined && chance(0.6) ? next : some);
    };
    return [...steps, [4, "time passes", wait]];
  }

  #faults(): Step[] {
    const world = this.#world;
    const { pick, chance, upTo } = world.dice;
    const one = () => pick(world.processes);
    const few: Step[] =
      world.processes.length < 3
        ? [[0.5, "a process starts", () => world.addProcess(chance(0.7))]]
        : [];
    if (world.processes.length === 0) return few;
    return [
      ...few,
      [0.2, "a process is killed", () => world.kill(one())],
      [0.3, "a process stops", () => void (one().isPaused = true)],
      [0.6, "a process goes on", () => void (one().isPaused = false)],
      [
        0.2,
        "twice the lease passes",
        () => world.passUntil(world.nowMs + 2 * leaseMs + upTo(5_000)),
      ],
      [
        0.3,
        "a connection will break",
        () => void (world.fault = { kind: "break", atCommit: false }),
      ],
      [
        0.3,
        "the answer to a commit will be lost",
        () => void (world.fault = { kind: "lost_answer", atCommit: true }),
      ],
      [
        0.2,
        "somebody will be killed at work",
        () => void (world.fault = { kind: "kill", atCommit: chance(0.5) }),
      ],
    ];
  }

  #verbs(): Step[] {
    const scope = this.#scope;
    const world = this.#world;
    const { pick, chance, upTo } = world.dice;
    const dagId = () => pick(world.dags).dagId;
    const run = () => pick([...world.store.tables.runs.all()]);
    const backfill = () => pick([...world.store.tables.backfills.all()]).backfill_id;
    const day = (hour: number) => `2026-01-01T0${hour}:00:00Z`;
    const clear = () => {
      const { dag_id, run_id } = run();
      const downstream = chance(0.5);
      return clearTasks(scope, {
        dagId: dag_id,
        runId: run_id,
        downstream,
        onlyFailed: chance(0.3),
      });
    };
    const named = () => {
      const interval = chance(0.5) ? { interval: day(upTo(3)) } : {};
      return trigger(scope, dagId(), {
        runId: `manual_${world.commits}_${upTo(1e6)}`,
        ...interval,
      });
    };
    const verbs: readonly (readonly [number, string, () => Promise<unknown>])[] = [
      [0.3, "a DAG is paused", () => setDagPaused(scope, dagId(), true)],
      [0.5, "a DAG goes on", () => setDagPaused(scope, dagId(), false)],
      [0.4, "a run is cleared", clear],
      [0.2, "a run is cancelled", () => cancelRun(scope, run().dag_id, run().run_id)],
      [0.4, "a run is triggered", named],
      [0.1, "a new version is loaded", () => this.#newVersion()],
      [
        0.2,
        "a backfill is made",
        () =>
          createBackfill(scope, {
            dagId: dagId(),
            from: day(0),
            to: day(upTo(3)),
            reprocess: pick(["none", "failed", "completed"] as const),
            runBackwards: chance(0.5),
            maxActiveRuns: 1 + upTo(1),
          }),
      ],
      [0.1, "a backfill is paused", () => pauseBackfill(scope, backfill())],
      [0.2, "a backfill goes on", () => resumeBackfill(scope, backfill())],
      [0.05, "a backfill is cancelled", () => cancelBackfill(scope, backfill())],
    ];
    return verbs.map(([weight, name, act]) => [weight, name, () => this.#try(act)]);
  }

  #newVersion(): Promise<void> {
    const shape = (dagId: string) => Number(dagId.split("_").at(-1));
    const version = this.#world.dice.pick([1, 2] as const);
    return this.#world.load(
      this.#world.dags.map(({ dagId }) => randomDag(shape(dagId), { isSteady: false, version })),
    );
  }

  /** An operator may ask for what cannot be, or pick from nothing. */
  async #try(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const isPick = error instanceof Error && error.message === "There is nothing to pick from";
      if (!isPick && !(error instanceof TidemillError)) throw error;
    }
  }
}
