import type { DagManifest } from "../definition/manifest.ts";
import type { HandOffId, LogLine, Outcome, StartedHandOff } from "./hand-off.ts";

/** What an executor tells the engine. Calls never throw and return at once. */
export interface ExecutorReports {
  /** The attempt ended. Called exactly once for each hand-off that was submitted. */
  readonly finished: (id: HandOffId, outcome: Outcome, endedAt: Date) => void;
  /** The attempt's code began to run. */
  readonly started: (id: HandOffId, startedAt: Date) => void;
  readonly logged: (id: HandOffId, lines: readonly LogLine[]) => void;
  /** `ctx.state.get`: the stored value of a key as JSON text. */
  readonly readState: (id: HandOffId, key: string) => Promise<string | undefined>;
  /** DAG code was loaded anew: what there is, and which files could not be imported. */
  readonly loaded: (result: LoadedDags) => void;
}

export interface ImportFailure {
  /** Relative to the DAGs folder. */
  readonly file: string;
  readonly message: string;
}

export interface LoadedDag {
  readonly file: string;
  readonly hash: string;
  readonly manifest: DagManifest;
}

export interface LoadedDags {
  readonly dags: readonly LoadedDag[];
  readonly failures: readonly ImportFailure[];
}

/**
 * A place where attempts run that receives them already started. It carries hand-offs and reports what it sees;
 * Postgres decides by compare-and-set.
 */
export interface Executor {
  readonly name: string;
  /** Attempts that it can take now. */
  freeSlots(): number;
  /** After the commit that started them. */
  submit(batch: readonly StartedHandOff[]): void;
  /** Aborts attempts, waits `graceMs`, then ends what still runs. Idempotent; an unknown id is done already. */
  stop(ids: readonly HandOffId[], graceMs: number): Promise<void>;
  /** Ids of the attempts that it carries. */
  list(): readonly HandOffId[];
  start(): Promise<LoadedDags>;
  /** Loads the newest code and reports it; absent where the code is what it is. */
  reload?(): Promise<LoadedDags>;
  close(): Promise<void>;
}
