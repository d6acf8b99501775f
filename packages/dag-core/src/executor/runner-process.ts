import { flushCompileCache } from "node:module";
import { join, sep } from "node:path";
import { environmentSecrets } from "../context/connections.ts";
import { AttemptLog } from "../context/task-log.ts";
import type { Dag } from "../definition/dag.ts";
import { manifestHash } from "../definition/manifest-hash.ts";
import { type TidemillError, tidemillError, toError } from "../kernel/errors.ts";
import { redactorOf } from "../kernel/named-secrets.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";
import { loadDagFile } from "../registry/load.ts";
import { runAttempt, type AttemptEnd } from "./attempt.ts";
import { AttemptControl } from "./attempt-control.ts";
import { type AttemptScope, inAttemptScope, installAttemptScopes } from "./attempt-scope.ts";
import type { StartedHandOff } from "./hand-off.ts";
import { type FromRunner, Outbox, type ToRunner } from "./protocol.ts";
import { describeError } from "./user-error.ts";

type LoadMessage = Extract<ToRunner, { readonly type: "load" }>;
interface StateRequest {
  readonly resolve: (json: string | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Time that attempts have to end after the process that carries this one is gone. */
export const orphanGraceMs = 5_000;

/** The inside of a runner: imports DAG files once, then runs attempts side by side on one event loop. */
export class RunnerProcess {
  readonly #process: NodeJS.Process;
  readonly #outbox: Outbox<FromRunner>;
  readonly #dags = new Map<string, Dag>();
  readonly #running = new Map<string, AttemptScope>();
  readonly #stateRequests = new Map<number, StateRequest>();
  #loaded: LoadMessage | undefined;
  #redactor: Redactor = createRedactor([]);
  #nextRequest = 1;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    const send = process.send?.bind(process);
    // The channel is the engine's: a library that finds it must not take this for its own parent.
    delete process.send;
    this.#outbox = new Outbox((batch, sent) => {
      if (process.connected) send?.(batch, undefined, undefined, () => sent());
      else sent();
    });
  }

  /** Listens until the channel to the parent closes. */
  start(): void {
    installAttemptScopes(this.#process);
    // Stopping is the parent's decision: a signal to the whole process group must not end attempts before it.
    this.#process.on("SIGINT", () => undefined);
    this.#process.on("SIGTERM", () => undefined);
    this.#process.on("message", (batch) => (batch as readonly ToRunner[]).forEach(this.#receive));
    this.#process.on("disconnect", () => this.#orphaned());
    this.#process.on("exit", () => this.#lastWords());
  }

  readonly #receive = (message: ToRunner): void => {
    switch (message.type) {
      case "load":
        return void this.#load(message);
      case "run":
        return void this.#run(message.handOff);
      case "stop":
        return this.#stop(message.id);
      case "ping":
        return this.#outbox.push({ type: "pong" });
      case "state":
        return this.#answerState(message);
    }
  };

  async #load(message: LoadMessage): Promise<void> {
    this.#loaded = message;
    this.#redactor = redactorOf(await environmentSecrets(this.#process.env));
    for (const file of message.files) {
      this.#outbox.push({ type: "importing", file });
      await this.#outbox.flush();
      this.#outbox.push(await this.#import(message, file));
    }
    this.#outbox.push({ type: "ready" });
    // The next runner needs not compile again what this one has; most end without a chance to keep it.
    setImmediate(flushCompileCache);
  }

  async #import({ folder, importTimeoutMs }: LoadMessage, file: string): Promise<FromRunner> {
    const loaded = await loadDagFile(join(folder, file), { timeoutMs: importTimeoutMs });
    const problem = "error" in loaded ? loaded.error : this.#add(loaded.dag, file);
    if (problem) {
      const message = this.#redactor.redact(problem.message).replaceAll(folder + sep, "");
      const isHang = "error" in loaded && loaded.isLate === true;
      return { type: "import_failed", failure: { file, message }, isHang };
    }
    const { manifest } = (loaded as { readonly dag: Dag }).dag;
    return { type: "imported", dag: { file, hash: manifestHash(manifest), manifest } };
  }

  #add(dag: Dag, file: string): TidemillError | undefined {
    if (!this.#dags.has(dag.dagId)) {
      this.#dags.set(dag.dagId, dag);
      return undefined;
    }
    const problem = `declares DAG "${dag.dagId}", which another file declares too`;
    return tidemillError("TIDEMILL_DAG_FILE_INVALID", {
      file,
      problem,
      remedy: "rename one of them",
    });
  }

  async #run({ id, input }: StartedHandOff): Promise<void> {
    const control = new AttemptControl();
    const log = new AttemptLog((lines) => {
      this.#outbox.push({ type: "logged", id, lines });
    }, this.#redactor);
    this.#running.set(id, { log, control });
    this.#outbox.add({ type: "started", id, at: Date.now() });
    const { installationId = "", graceMs = 0, outputLimitBytes } = this.#loaded ?? {};
    const end = await runAttempt({
      input,
      dags: this.#dags,
      installationId,
      graceMs,
      env: this.#process.env,
      redactor: this.#redactor,
      control,
      log,
      readState: (key) => this.#readState(id, key),
      inScope: (fn) => {
        if (input.timeoutMs !== undefined) this.#timed(id);
        return inAttemptScope({ log, control }, fn);
      },
      ...(outputLimitBytes !== undefined && { outputLimitBytes }),
    }).catch((error: unknown) => this.#defect(error));
    log.close();
    this.#running.delete(id);
    this.#outbox.push({ type: "finished", id, ...end, at: Date.now() });
  }

  #timed(id: string): void {
    this.#outbox.push({ type: "timed", id });
    void this.#outbox.flush();
  }

  /** No verdict on the task: the fault is the engine's. */
  #defect(error: unknown): AttemptEnd {
    const message = `The engine failed: ${describeError(error, this.#redactor).message}`;
    return { outcome: { kind: "lost", reason: "exit", wasAlone: true, message }, stillRuns: true };
  }

  #stop(id: string): void {
    const error = tidemillError("TIDEMILL_ATTEMPT_STOPPED", { id });
    this.#running.get(id)?.control.interrupt({ why: "stopped", error });
  }

  #readState(id: string, key: string): Promise<string | undefined> {
    const request = this.#nextRequest++;
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    this.#stateRequests.set(request, { resolve, reject });
    this.#outbox.push({ type: "read_state", id, request, key });
    return promise;
  }

  #answerState({ request, json, problem }: Extract<ToRunner, { readonly type: "state" }>): void {
    const waiting = this.#stateRequests.get(request);
    this.#stateRequests.delete(request);
    if (problem === undefined) waiting?.resolve(json);
    else waiting?.reject(toError(problem));
  }

  /** What was printed before a `process.exit`, and what finished in the same turn. */
  #lastWords(): void {
    for (const { log } of this.#running.values()) log.close();
    void this.#outbox.flush();
  }

  #orphaned(): void {
    if (this.#running.size === 0) this.#process.exit(0);
    for (const id of this.#running.keys()) this.#stop(id);
    setTimeout(() => this.#process.exit(0), orphanGraceMs);
  }
}
