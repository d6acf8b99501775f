import type { ExecutorReports, LoadedDags } from "../../packages/dag-core/src/executor/executor.ts";
import type {
  AttemptInput,
  LogLine,
  Outcome,
  StartedHandOff,
} from "../../packages/dag-core/src/executor/hand-off.ts";

type News = "finished" | "started" | "logged" | "loaded";
const deadlineMs = 60_000;

/** Hears what an executor reports and lets a test wait for it. */
export class ExecutorProbe {
  readonly outcomes = new Map<string, Outcome[]>();
  readonly lines = new Map<string, LogLine[]>();
  readonly loads: LoadedDags[] = [];
  readonly stored = new Map<string, string>();
  readonly #seen: string[] = [];
  #wake = Promise.withResolvers<void>();

  readonly reports: ExecutorReports = {
    finished: (id, outcome) => {
      this.outcomes.set(id, [...(this.outcomes.get(id) ?? []), outcome]);
      this.#tell("finished", id);
    },
    started: (id) => this.#tell("started", id),
    logged: (id, lines) => {
      this.lines.set(id, [...(this.lines.get(id) ?? []), ...lines]);
      this.#tell("logged", id);
    },
    readState: (_id, key) => Promise.resolve(this.stored.get(key)),
    loaded: (result) => {
      this.loads.push(result);
      this.#tell("loaded", "");
    },
  };

  /** The outcome of an attempt, as soon as there is one. */
  async outcome(id: string): Promise<Outcome> {
    await this.heard("finished", id);
    const [outcome] = this.outcomes.get(id) ?? [];
    if (!outcome) throw new Error(`No outcome of ${id}`);
    return outcome;
  }

  async heard(news: News, id = ""): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const late = Promise.withResolvers<never>();
    late.promise.catch(() => undefined);
    deadline.addEventListener("abort", () => {
      late.reject(new Error(`No "${news} ${id}"; heard: ${this.#seen.join(", ")}`));
    });
    while (!this.#seen.includes(`${news} ${id}`)) {
      await Promise.race([this.#wake.promise, late.promise]);
    }
  }

  #tell(news: News, id: string): void {
    this.#seen.push(`${news} ${id}`);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

let nextInstance = 1;

/** A hand-off of a task, everything but its name optional. */
export function handOff(
  [dagId, taskId]: readonly [string, string],
  input: Partial<AttemptInput> = {},
  isolation: StartedHandOff["isolation"] = "warm",
): StartedHandOff {
  const taskInstanceId = String(nextInstance++);
  return {
    id: `${taskInstanceId}-0-1-0`,
    lease: `lease-${taskInstanceId}`,
    priority: 1,
    manifestHash: "0".repeat(64),
    isolation,
    input: {
      dagId,
      taskId,
      runId: "manual__2026-01-01",
      runType: "manual",
      mapIndex: -1,
      tryNumber: 1,
      clearNumber: 0,
      handOff: 0,
      taskInstanceId,
      intervalStart: "2026-01-01T00:00:00.000Z",
      intervalEnd: "2026-01-02T00:00:00.000Z",
      params: {},
      inputs: {},
      ...input,
    },
  };
}
