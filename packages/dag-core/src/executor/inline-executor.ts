import { environmentSecrets } from "../context/connections.ts";
import { AttemptLog } from "../context/task-log.ts";
import type { Dag } from "../definition/dag.ts";
import { manifestHash } from "../definition/manifest-hash.ts";
import type { Environment } from "../kernel/read-variable.ts";
import { tidemillError } from "../kernel/errors.ts";
import { redactorOf } from "../kernel/named-secrets.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";
import { type AttemptEnd, runAttempt } from "./attempt.ts";
import { AttemptControl } from "./attempt-control.ts";
import { inAttemptScope } from "./attempt-scope.ts";
import { CarriedAttempts } from "./carried.ts";
import type { Executor, ExecutorReports, LoadedDags } from "./executor.ts";
import type { HandOffId, StartedHandOff } from "./hand-off.ts";
import { describeError } from "./user-error.ts";

export interface InlineExecutorOptions {
  readonly dags: readonly Dag[];
  readonly reports: ExecutorReports;
  readonly installationId: string;
  /** Where connections are looked up. Defaults to that of this process. */
  readonly env?: Environment;
  /** Attempts side by side. Defaults to 16. */
  readonly concurrency?: number;
  /** Time between an abort and the verdict. Defaults to 5 s. */
  readonly graceMs?: number;
}

/**
 * Runs attempts in this process: for tests and for embedding. There is nothing here to protect the process from the
 * code of a task: a function that does not end stays, and a loop blocks everything.
 */
export class InlineExecutor implements Executor {
  readonly name = "inline";
  readonly #options: InlineExecutorOptions;
  readonly #dags: ReadonlyMap<string, Dag>;
  readonly #carried: CarriedAttempts;
  readonly #controls = new Map<HandOffId, AttemptControl>();
  #redactor: Redactor = createRedactor([]);
  #isClosed = false;

  constructor(options: InlineExecutorOptions) {
    this.#options = options;
    this.#dags = new Map(options.dags.map((dag) => [dag.dagId, dag]));
    this.#carried = new CarriedAttempts(options.reports);
  }

  async start(): Promise<LoadedDags> {
    this.#redactor = redactorOf(await environmentSecrets(this.#env()));
    const dags = this.#options.dags.map(({ dagId, manifest }) => {
      return { file: dagId, hash: manifestHash(manifest), manifest };
    });
    return { dags, failures: [] };
  }

  freeSlots(): number {
    const { concurrency = 16 } = this.#options;
    return this.#isClosed ? 0 : Math.max(0, concurrency - this.#carried.size);
  }

  submit(batch: readonly StartedHandOff[]): void {
    for (const handOff of batch) {
      if (this.#carried.add(handOff)) void this.#run(handOff);
    }
  }

  list(): readonly HandOffId[] {
    return this.#carried.ids();
  }

  async stop(ids: readonly HandOffId[], graceMs: number): Promise<void> {
    const attempts = ids.flatMap((id) => this.#carried.get(id) ?? []);
    for (const { handOff } of attempts) this.#interrupt(handOff.id);
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(() => over.resolve(), graceMs);
    await Promise.race([Promise.all(attempts.map(({ settled }) => settled)), over.promise]);
    clearTimeout(timer);
    const message = `It did not stop within ${graceMs} ms and still runs`;
    for (const attempt of attempts) {
      this.#carried.settle(attempt, { kind: "lost", reason: "stopped", wasAlone: false, message });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.stop(this.list(), this.#options.graceMs ?? 5_000);
  }

  #env(): Environment {
    return this.#options.env ?? process.env;
  }

  #interrupt(id: HandOffId): void {
    const error = tidemillError("TIDEMILL_ATTEMPT_STOPPED", { id });
    this.#controls.get(id)?.interrupt({ why: "stopped", error });
  }

  async #run({ id, input }: StartedHandOff): Promise<void> {
    const { reports, installationId, graceMs = 5_000 } = this.#options;
    const control = new AttemptControl();
    const log = new AttemptLog((lines) => reports.logged(id, lines), this.#redactor);
    this.#controls.set(id, control);
    if (this.#isClosed) this.#interrupt(id);
    reports.started(id, new Date());
    const { outcome } = await runAttempt({
      input,
      dags: this.#dags,
      installationId,
      env: this.#env(),
      redactor: this.#redactor,
      control,
      log,
      graceMs,
      readState: (key) => reports.readState(id, key),
      inScope: (fn) => inAttemptScope({ log, control }, fn),
    }).catch((error: unknown) => this.#defect(error));
    log.close();
    this.#controls.delete(id);
    const attempt = this.#carried.get(id);
    if (attempt) this.#carried.settle(attempt, outcome);
  }

  /** No verdict on the task: the fault is the engine's. */
  #defect(error: unknown): AttemptEnd {
    const message = `The engine failed: ${describeError(error, this.#redactor).message}`;
    return { outcome: { kind: "lost", reason: "exit", wasAlone: true, message }, stillRuns: false };
  }
}
