import { formatMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { ExecutorReports } from "./executor.ts";
import type { AttemptInput, HandOffId, Outcome, StartedHandOff } from "./hand-off.ts";
import { failed } from "./outcome.ts";
import type { Death, Runner } from "./runner.ts";

/** An attempt from its submission to its outcome. */
export interface CarriedAttempt {
  readonly handOff: StartedHandOff;
  /** The process that runs it; none while it waits for one. */
  runner?: Runner;
  /** When its code began to run, in milliseconds since the epoch. */
  startedAt?: number;
  /** Since when its timeout runs, by the monotonic clock; absent where it has none or its code has not begun. */
  timedSince?: number;
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

  /** Ends every attempt of a dead process: by its verdict, by its timeout where that is over, the others as lost. */
  settleAllOf(runner: Runner, death: Death): void {
    const wasAlone = runner.carried.size === 1;
    for (const id of [...runner.carried]) {
      const attempt = this.#byId.get(id);
      if (!attempt) continue;
      const { verdict } = attempt;
      if (verdict) this.settle(attempt, verdict.outcome, verdict.endedAt);
      else if (death.wasKilled && isLate(attempt))
        this.settle(attempt, timedOut(attempt.handOff.input));
      else this.settle(attempt, lost(attempt, death, wasAlone));
    }
  }
}

/** Whoever blocks: once the process went on, its own timer would say the same of the attempt. */
function isLate({ timedSince = Infinity, handOff }: CarriedAttempt): boolean {
  return performance.now() - timedSince >= (handOff.input.timeoutMs ?? Infinity);
}

export function timedOut({ taskId, timeoutMs = 0 }: AttemptInput): Outcome {
  const timeout = formatMs(timeoutMs);
  const { name, message } = tidemillError("TIDEMILL_ATTEMPT_TIMEOUT", { taskId, timeout });
  return failed("timeout", { class: name, message }, "policy");
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
