import type { Member, Scene } from "./scene.ts";

/** One row of the matrix: a fault that is done to a scene again and again. */
export interface FaultRow {
  readonly name: string;
  /** Whose attempts may be lost: of its victims only, or of any process, since the database was away. */
  readonly loses: "victims" | "any";
  /** Whether attempts must be lost: a fault of its kind that costs none has not been done. */
  readonly mustLose: boolean;
  /** DAGs whose runs are to fail. */
  readonly failing?: readonly string[];
  /** DAGs whose runs are to be cancelled. */
  readonly cancelled?: readonly string[];
  /** Does the harm once and resolves when it is over, or when nothing more will be done about it. */
  inject(scene: Scene): Promise<Harm>;
  /** Puts back what the fault took, once the recovery has been seen. */
  restore?(scene: Scene): Promise<unknown>;
}

/** What was done. */
export interface Harm {
  /** Processes whose attempts others must take over. */
  readonly victims?: readonly Member[];
  /** When the time to recover began, by `performance.now()`. Defaults to the return of `inject`. */
  readonly since?: number;
}

/** Several faults at the same time, as one. */
export function together(name: string, rows: readonly FaultRow[]): FaultRow {
  return {
    name,
    loses: rows.every(({ loses }) => loses === "victims") ? "victims" : "any",
    mustLose: rows.some(({ mustLose }) => mustLose),
    failing: rows.flatMap(({ failing = [] }) => failing),
    cancelled: rows.flatMap(({ cancelled = [] }) => cancelled),
    async inject(scene) {
      const harms = await Promise.all(rows.map((row) => row.inject(scene)));
      return { victims: harms.flatMap(({ victims = [] }) => victims) };
    },
  };
}
