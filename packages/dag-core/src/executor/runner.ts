import { type ChildProcess, fork } from "node:child_process";
import { shownMessage } from "../context/task-log.ts";
import { formatMs } from "../kernel/duration.ts";
import type { ImportFailure, LoadedDag, LoadedDags } from "./executor.ts";
import type { HandOffId } from "./hand-off.ts";
import { readLines } from "./output-lines.ts";
import { type AttemptNews, type FromRunner, Outbox, type ToRunner } from "./protocol.ts";

export interface RunnerOptions {
  readonly dagsFolder: string;
  readonly installationId: string;
  /** The environment of the process. */
  readonly env: NodeJS.ProcessEnv;
  /** Size of the JavaScript heap at which the process ends. */
  readonly heapLimitMb: number;
  readonly importTimeoutMs: number;
  /** Told of a file, relative to the folder, that is still being imported after a time. */
  readonly onSlowImport: (file: string, afterMs: number) => void;
  readonly blockedAfterMs: number;
  readonly graceMs: number;
  readonly outputLimitBytes?: number;
  readonly redact: (text: string) => string;
  /** Takes what the process prints outside of attempts, masked. */
  readonly onOutput: (text: string) => void;
}

export interface RunnerEvents {
  readonly onNews: (runner: Runner, news: AttemptNews) => void;
  /** Once, whatever ended it. */
  readonly onDeath: (runner: Runner, death: Death) => void;
}

/** How a process ended. */
export interface Death {
  readonly reason: "exit" | "out_of_memory";
  readonly message: string;
  /** Whether this side ended it. */
  readonly wasKilled: boolean;
  /** The file that it was importing. */
  readonly importing: string | undefined;
}

const isSource = import.meta.url.endsWith(".ts");
const main = new URL(`./runner-main.${isSource ? "ts" : "js"}`, import.meta.url);
/** Unanswered pings after which an event loop counts as blocked. */
const pingsUnanswered = 4;
/** An import that waits is given up by the process itself; only one that computes has to be ended from outside. */
const importMarginMs = 1_000;
/** A process on a busy machine may need longer to come up than any file of its own. */
const startLimitMs = 30_000;
/** After this time of an import a person wants to know what is waited for. */
const slowImportMs = 2_000;
const endMarginMs = 1_000;
/** A grandchild that holds the output open must not hide the death of its parent. */
const lastWordsMs = 250;
const tailCharacters = 16 * 1024;
/** Half of the young generation. V8's own limit of 32 is reached by importing many files, and kept for good. */
const youngHalfMb = 8;

/** One runner process, seen from outside. */
export class Runner {
  /** Attempts that it carries. */
  readonly carried = new Set<HandOffId>();
  readonly died: Promise<Death>;
  /** Files whose import it has given up, while the process itself went on. */
  readonly hung: ImportFailure[] = [];
  isReady = false;

  readonly #options: RunnerOptions;
  readonly #events: RunnerEvents;
  readonly #child: ChildProcess;
  readonly #outbox: Outbox<ToRunner>;
  #importing: string | undefined;
  #importTimer: NodeJS.Timeout | undefined;
  #slowTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  #pings = 0;
  #pong = Promise.withResolvers<void>();
  #killedBecause: string | undefined;
  #tail = "";

  constructor(options: RunnerOptions, events: RunnerEvents) {
    this.#options = options;
    this.#events = events;
    this.#child = spawn(options);
    this.#outbox = new Outbox((batch, sent) => {
      if (this.#child.connected) this.#child.send([...batch], () => sent());
      else sent();
    });
    this.died = this.#watchDeath();
    this.#child.on("message", (batch) => {
      if (Array.isArray(batch)) (batch as readonly FromRunner[]).forEach(this.#receive);
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) readLines(stream, this.#print);
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToRunner): void {
    this.#outbox.push(message);
  }

  /**
   * Imports DAG files; fulfilled when the process is ready for attempts.
   *
   * @returns What was loaded, or how the process ended instead.
   */
  async load(files: readonly string[]): Promise<LoadedDags | Death> {
    const { dagsFolder: folder, installationId, graceMs, importTimeoutMs } = this.#options;
    const { outputLimitBytes } = this.#options;
    const ready = Promise.withResolvers<LoadedDags>();
    const loaded = { dags: [] as LoadedDag[], failures: [] as ImportFailure[] };
    this.#onLoading = (message) => {
      if (message.type === "imported") loaded.dags.push(message.dag);
      if (message.type === "import_failed") loaded.failures.push(message.failure);
      if (message.type === "ready") ready.resolve(loaded);
    };
    this.#limitImport(Math.max(importTimeoutMs, startLimitMs));
    this.send({
      type: "load",
      folder,
      files,
      installationId,
      importTimeoutMs,
      graceMs,
      ...(outputLimitBytes !== undefined && { outputLimitBytes }),
    });
    return Promise.race([ready.promise, this.died]);
  }
  #onLoading: (message: FromRunner) => void = () => undefined;

  /** Ends the process at once; `because` is a part of a sentence about it. */
  kill(because: string): void {
    this.#killedBecause ??= because;
    this.#child.kill("SIGKILL");
  }

  /** Whether its event loop turns within a time. */
  async answers(withinMs: number): Promise<boolean> {
    const answer = this.#pong.promise.then(() => true);
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), withinMs);
    this.send({ type: "ping" });
    const isAnswering = await Promise.race([answer, late.promise]);
    clearTimeout(timer);
    return isAnswering;
  }

  /** Lets the process end by itself, which it does at once when it carries nothing. */
  end(because: string): void {
    this.#killedBecause ??= because;
    if (this.#child.connected) this.#child.disconnect();
    this.#endTimer ??= setTimeout(() => this.kill(because), this.#options.graceMs + endMarginMs);
  }

  readonly #receive = (message: FromRunner): void => {
    switch (message.type) {
      case "importing":
        this.#importing = message.file;
        this.#watchSlowness(message.file);
        return this.#limitImport(this.#options.importTimeoutMs);
      case "imported":
      case "import_failed":
        this.#importing = undefined;
        clearTimeout(this.#slowTimer);
        if (message.type === "import_failed" && message.isHang) this.hung.push(message.failure);
        return this.#onLoading(message);
      case "ready":
        clearTimeout(this.#importTimer);
        this.isReady = true;
        this.#watchEventLoop();
        return this.#onLoading(message);
      case "pong":
        this.#pings = 0;
        this.#pong.resolve();
        this.#pong = Promise.withResolvers<void>();
        return;
      case "started":
      case "timed":
      case "finished":
      case "logged":
      case "read_state":
        return this.#events.onNews(this, message);
    }
  };

  #limitImport(limitMs: number): void {
    const end = () => this.kill(`did not finish loading within ${formatMs(limitMs)}`);
    clearTimeout(this.#importTimer);
    this.#importTimer = setTimeout(end, limitMs + importMarginMs);
  }

  #watchSlowness(file: string): void {
    const tell = () => this.#options.onSlowImport(file, slowImportMs);
    clearTimeout(this.#slowTimer);
    this.#slowTimer = setTimeout(tell, slowImportMs);
  }

  /** Counts unanswered pings, not time: after a pause of this process or of the machine no runner is blamed. */
  #watchEventLoop(): void {
    const { blockedAfterMs } = this.#options;
    this.#pingTimer = setInterval(() => {
      if (this.#pings >= pingsUnanswered) {
        this.kill(`had a blocked event loop for longer than ${formatMs(blockedAfterMs)}`);
      }
      this.#pings += 1;
      this.send({ type: "ping" });
    }, blockedAfterMs / pingsUnanswered);
  }

  #watchDeath(): Promise<Death> {
    const { promise, resolve } = Promise.withResolvers<Death>();
    const dead = (text: string, isOutOfMemory: boolean) => {
      const loading = [this.#importTimer, this.#slowTimer];
      for (const timer of [...loading, this.#pingTimer, this.#endTimer]) clearTimeout(timer);
      this.isReady = false;
      const reason = isOutOfMemory ? "out_of_memory" : "exit";
      const wasKilled = this.#killedBecause !== undefined;
      const death: Death = { reason, message: text, wasKilled, importing: this.#importing };
      resolve(death);
      this.#events.onDeath(this, death);
    };
    this.#child.once("exit", (code, signal) => {
      this.isReady = false;
      const heard = once(() => {
        const isOutOfMemory = /heap out of memory|heap limit/i.test(this.#tail);
        dead(this.#killedBecause ?? this.#lastWords(code, signal, isOutOfMemory), isOutOfMemory);
      });
      this.#child.once("close", heard);
      setTimeout(heard, lastWordsMs);
    });
    this.#child.once("error", (error) => {
      if (this.#child.pid === undefined) dead(`could not be started: ${error.message}`, false);
    });
    return promise;
  }

  #lastWords(code: number | null, signal: string | null, isOutOfMemory: boolean): string {
    if (isOutOfMemory) {
      const heap = `its heap is ${this.#options.heapLimitMb} MB`;
      return `ran out of memory: ${heap}; raise TIDEMILL_RUNNER_HEAP_MB, or hold less at a time`;
    }
    const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
    const last = this.#tail.trimEnd().split("\n").slice(-5).join("\n").trim();
    return last === "" ? how : `${how}; its last words were: ${last}`;
  }

  /** By lines, since half of a secret is not recognised. */
  readonly #print = (start: string, length: number): void => {
    const text = `${shownMessage(start, this.#options.redact, length)}\n`;
    this.#tail = (this.#tail + text).slice(-tailCharacters);
    this.#options.onOutput(text);
  };
}

function once(fn: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) fn();
    isDone = true;
  };
}

function spawn({ env, heapLimitMb }: RunnerOptions): ChildProcess {
  return fork(main, [], {
    env,
    execArgv: [
      ...(isSource ? ["--conditions=source"] : []),
      `--max-old-space-size=${heapLimitMb}`,
      `--max-semi-space-size=${youngHalfMb}`,
      "--disable-warning=ExperimentalWarning",
      // Clients ask for timers in the past; Node fires them at once, as they mean it.
      "--disable-warning=TimeoutNegativeWarning",
    ],
    serialization: "json",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}
