import { relative } from "node:path";
import { tidemillError } from "../kernel/errors.ts";
import { findDagFiles } from "../registry/load.ts";
import type { ImportFailure, LoadedDags } from "./executor.ts";
import type { HungFiles } from "./hung-files.ts";
import { type Death, Runner, type RunnerEvents, type RunnerOptions } from "./runner.ts";

export interface RunnerGroupOptions extends RunnerOptions {
  /** Processes. */
  readonly runners: number;
  /** Processes beside them that run one attempt each. */
  readonly freshRunners: number;
  /** Attempts side by side in one of them. */
  readonly concurrency: number;
}

export interface RunnerGroupEvents extends RunnerEvents {
  /** A runner can take attempts. */
  readonly onReady: () => void;
}

const triesToStart = 3;
const notNeeded = "was not needed any more";
/** A runner that lives shorter than this counts as one that did not come up. */
const shortLifeMs = 1_000;
const firstBackOffMs = 100;
const longestBackOffMs = 30_000;

/** Warm runners that hold one state of the DAG code; those that die are replaced. */
export class RunnerGroup {
  readonly #options: RunnerGroupOptions;
  readonly #events: RunnerGroupEvents;
  readonly #hung: HungFiles;
  readonly #runners = new Set<Runner>();
  readonly #starting = new Set<Runner>();
  readonly #fresh = new Set<Runner>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Files that hung, or ended the process that imported them. */
  readonly #blamed = new Map<string, ImportFailure>();
  readonly #suspects = new Set<string>();
  #fileOfDag = new Map<string, string>();
  #files: readonly string[] = [];
  #failuresInARow = 0;
  #isRetired = false;

  constructor(options: RunnerGroupOptions, events: RunnerGroupEvents, hung: HungFiles) {
    this.#options = options;
    this.#events = events;
    this.#hung = hung;
  }

  /**
   * The first runner imports everything and finds the files to leave out. The others come up while it is at work.
   *
   * @throws TidemillError `TIDEMILL_RUNNER_START` when no process comes up.
   */
  async start(): Promise<LoadedDags> {
    const { dagsFolder, runners } = this.#options;
    this.#files = (await findDagFiles(dagsFolder)).map((file) => relative(dagsFolder, file));
    for (const failure of await this.#hung.unchanged(this.#files)) this.#leaveOut(failure);
    const first = await this.#startRunner(this.#files, triesToStart);
    this.#fileOfDag = new Map(first.loaded.dags.map((dag) => [dag.manifest.dagId, dag.file]));
    this.#keep(first.runner);
    for (let others = 1; others < runners; others++) void this.#startAnother();
    return first.loaded;
  }

  /** The ready runner with the fewest attempts, if one has room. */
  leastLoaded(): Runner | undefined {
    let least: Runner | undefined;
    for (const runner of this.#runners) {
      if (!runner.isReady || runner.carried.size >= this.#options.concurrency) continue;
      if (!least || runner.carried.size < least.carried.size) least = runner;
    }
    return least;
  }

  /** Attempts that the ready runners can carry in all. */
  capacity(): number {
    const ready = [...this.#runners].filter((runner) => runner.isReady);
    return ready.length * this.#options.concurrency;
  }

  /**
   * A process for one attempt of a DAG, which has imported only the file of that DAG.
   *
   * @returns Undefined when no file declares the DAG; the death of the process when it did not come up.
   */
  async startFresh(dagId: string): Promise<Runner | Death | undefined> {
    const file = this.#fileOfDag.get(dagId);
    if (file === undefined) return undefined;
    const runner = new Runner(this.#options, this.#events);
    this.#fresh.add(runner);
    void runner.died.then(() => this.#fresh.delete(runner));
    const loaded = await runner.load([file]);
    return "dags" in loaded ? runner : loaded;
  }

  /** No replacements from here on; each runner ends when it carries nothing. */
  retire(): void {
    this.#isRetired = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const runner of this.#starting) runner.kill(notNeeded);
    for (const runner of this.#runners) this.endIfIdle(runner);
  }

  endIfIdle(runner: Runner): void {
    if (this.#isRetired && runner.carried.size === 0) runner.end(notNeeded);
  }

  /** Whether nothing of it is left. */
  get isEmpty(): boolean {
    return this.#runners.size + this.#fresh.size === 0;
  }

  /** Ends every process of the group, whatever it carries. */
  async close(): Promise<void> {
    this.retire();
    const runners = [...this.#starting, ...this.#runners, ...this.#fresh];
    for (const runner of runners) {
      if (runner.carried.size === 0) runner.end(notNeeded);
      if (!runner.isReady) runner.kill(notNeeded);
    }
    await Promise.all(runners.map((runner) => runner.died));
  }

  #keep(runner: Runner): void {
    this.#starting.delete(runner);
    if (this.#isRetired) return runner.end(notNeeded);
    const readyAt = performance.now();
    this.#runners.add(runner);
    void runner.died.then(() => {
      this.#runners.delete(runner);
      const isShort = performance.now() - readyAt < shortLifeMs;
      this.#failuresInARow = isShort ? this.#failuresInARow + 1 : 0;
      this.#replace();
    });
    this.#events.onReady();
  }

  #replace(): void {
    if (this.#isRetired) return;
    const wait = firstBackOffMs * 2 ** (this.#failuresInARow - 1);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        void this.#startAnother();
      },
      this.#failuresInARow === 0 ? 0 : Math.min(wait, longestBackOffMs),
    );
    this.#timers.add(timer);
  }

  async #startAnother(): Promise<void> {
    try {
      this.#keep((await this.#startRunner(this.#files, 1)).runner);
    } catch {
      // The process has said why on its output; the wait grows with each failure.
      this.#failuresInARow += 1;
      this.#replace();
    }
  }

  #leaveOut(failure: ImportFailure, isHang = false): void {
    this.#blamed.set(failure.file, failure);
    if (isHang) this.#hung.add(failure);
  }

  /** Each second death during the import of a file takes it out, so this ends. */
  async #startRunner(files: readonly string[], tries: number): Promise<Started> {
    if (this.#isRetired) {
      throw tidemillError("TIDEMILL_RUNNER_START", { problem: "it was told to close meanwhile" });
    }
    const left = files.filter((file) => !this.#blamed.has(file));
    const runner = new Runner(this.#options, this.#events);
    this.#starting.add(runner);
    void runner.died.then(() => this.#starting.delete(runner));
    const loaded = await runner.load(left);
    for (const failure of runner.hung) this.#leaveOut(failure, true);
    if ("dags" in loaded) {
      const others = loaded.failures.filter((failure) => !this.#blamed.has(failure.file));
      const failures = [...others, ...this.#blamed.values()];
      return { runner, loaded: { ...loaded, failures } };
    }
    const file = loaded.importing;
    if (file !== undefined && !this.#isRetired) {
      // A hang is the file's own; a death may have come from outside, so it takes two.
      const isSure = loaded.wasKilled || this.#suspects.has(file);
      if (isSure) this.#leaveOut(blame(file, loaded), loaded.wasKilled);
      this.#suspects.add(file);
      return this.#startRunner(files, tries);
    }
    if (tries > 1) return this.#startRunner(files, tries - 1);
    throw tidemillError("TIDEMILL_RUNNER_START", { problem: `it ${loaded.message}` });
  }
}

interface Started {
  readonly runner: Runner;
  readonly loaded: LoadedDags;
}

function blame(file: string, { message }: Death): ImportFailure {
  const problem = `cannot be imported: the process that did it ${message}`;
  const remedy = "a DAG file only declares; move the work into a task";
  const error = tidemillError("TIDEMILL_DAG_FILE_INVALID", { file, problem, remedy });
  return { file, message: error.message };
}
