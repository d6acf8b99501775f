import type { ExecutorReports } from "./executor.ts";
import type { HandOffId, Outcome, StartedHandOff } from "./hand-off.ts";
import type { Death, Runner } from "./runner.ts";

/** An attempt from its submission to its outcome. */
export interface CarriedAttempt {
  readonly handOff: StartedHandOff;
  /** The process that runs it; none while it waits for one. */
  runner?: Runner;
  /** When its code began to run, in milliseconds since the epoch. */
  startedAt?: number;
  /** Decided already, told when its process has ended. */
  verdict?: { readonly outcome: Outcome; readonly endedAt: Date };
  wasToldToStop: boolean;
  deadline?: NodeJS.Timeout;
  readonly settled: Promise<void>;
  readonly resolve: () => void;
}

/** The attempts of an executor; each leaves with exactly one outcome. */
export class CarriedAttempts {
  readonly #byId = new Map<HandOffId, CarriedAttempt>();
  readonly #reports: Pick<ExecutorReports, "finished">;

  constructor(reports: Pick<ExecutorReports, "finished">) {
    this.#reports = reports;
  }

  /** Undefined when it is carried already. */
  add(handOff: StartedHandOff): CarriedAttempt | undefined {
    if (this.#byId.has(handOff.id)) return undefined;
    const { promise: settled, resolve } = Promise.withResolvers<void>();
    const attempt: CarriedAttempt = { handOff, wasToldToStop: false, settled, resolve };
    this.#byId.set(handOff.id, attempt);
    return attempt;
  }

  get(id: HandOffId): CarriedAttempt | undefined {
    return this.#byId.get(id);
  }

  all(): readonly CarriedAttempt[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }

  ids(): readonly HandOffId[] {
    return [...this.#byId.keys()];
  }

  settle(attempt: CarriedAttempt, outcome: Outcome, endedAt = new Date()): void {
    const { id } = attempt.handOff;
    if (!this.#byId.delete(id)) return;
    clearTimeout(attempt.deadline);
    attempt.runner?.carried.delete(id);
    attempt.resolve();
    this.#reports.finished(id, outcome, endedAt);
  }

  /** Ends every attempt of a dead process: those with a verdict by it, the others as lost. */
  settleAllOf(runner: Runner, death: Death): void {
    const wasAlone = runner.carried.size === 1;
    for (const id of [...runner.carried]) {
      const attempt = this.#byId.get(id);
      if (!attempt) continue;
      const { verdict } = attempt;
      if (verdict) this.settle(attempt, verdict.outcome, verdict.endedAt);
      else this.settle(attempt, lost(attempt, death, wasAlone));
    }
  }
}

function lost(
  { wasToldToStop, handOff }: CarriedAttempt,
  { reason, message }: Death,
  wasAlone: boolean,
): Outcome {
  const text = `The process of task "${handOff.input.taskId}" ${message}`;
  if (wasToldToStop) return { kind: "lost", reason: "stopped", wasAlone, message: text };
  return { kind: "lost", reason, wasAlone, message: text };
}
