import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { EventBus, type EventName } from "@tidemill/dag-core/engine";
import { bareEnvironment } from "./bare-environment.ts";

/** A scheduler in a process of its own, to be killed, stopped or frozen. Killed at the end of its `await using` block. */
export interface SchedulerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Its events, from its start on. */
  readonly events: EventBus;
  /** All its events so far, by name. */
  readonly seen: readonly EventName[];
  /** Its end: exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly hasEnded: boolean;
  /** What it printed to its standard error. */
  readonly printed: () => string;
  kill(signal: NodeJS.Signals): Promise<number | string>;
  /** Loads the newest code; settles when it is at work. */
  reload(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export interface SchedulerProcessOptions {
  readonly databaseUrl: string;
  readonly dagsFolder: string;
  readonly role?: "scheduler" | "worker";
  /** Whether it creates the runs that schedules ask for. Defaults to false. */
  readonly schedules?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const program = fileURLToPath(new URL("../fixtures/scheduler-main.ts", import.meta.url));

/** Starts a scheduler with a short lease and waits until it is at work. */
export async function schedulerProcess(
  options: SchedulerProcessOptions,
): Promise<SchedulerProcess> {
  const { databaseUrl, dagsFolder, role = "scheduler", schedules, env } = options;
  const child = fork(program, [role, ...(schedules ? ["schedules"] : [])], {
    execArgv: ["--conditions=source", "--no-warnings"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: {
      ...bareEnvironment(),
      TIDEMILL_DATABASE_URL: databaseUrl,
      TIDEMILL_DAGS_FOLDER: dagsFolder,
      TIDEMILL_RUNNERS: "1",
      TIDEMILL_TICK: "200ms",
      TIDEMILL_POLL: "200ms",
      TIDEMILL_LEASE: "2s",
      TIDEMILL_HEARTBEAT: "500ms",
      // A busy machine may lose such a short lease for no other reason.
      TIDEMILL_INFRA_RETRIES: "10",
      TIDEMILL_ALERT_GRACE: "50ms",
      ...env,
    },
  });
  const process_ = watch(child);
  const over = new AbortController();
  const refused = process_.ended.then((end) => {
    throw new Error(`The ${role} ended with ${end} before it was at work: ${process_.printed()}`);
  });
  const started = process_.events.next(`${role}.started`, {}, { signal: over.signal });
  started.catch(() => undefined);
  try {
    await Promise.race([refused, started]);
  } finally {
    over.abort();
    refused.catch(() => undefined);
  }
  return process_;
}

function watch(child: ChildProcess): SchedulerProcess {
  const events = new EventBus();
  const seen: EventName[] = [];
  let printed = "";
  let hasEnded = false;
  child.stderr?.on("data", (text: Buffer) => (printed += text.toString()));
  const reloads: PromiseWithResolvers<void>[] = [];
  child.on("message", (message: "reloaded" | { event: EventName; facts: object }) => {
    if (message === "reloaded") return reloads.shift()?.resolve();
    seen.push(message.event);
    events.emit(message.event, message.facts as never);
  });
  const ended = once(child, "exit").then(([code, signal]: (number | string | null)[]) => {
    hasEnded = true;
    return code ?? signal ?? "gone";
  });
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    events,
    seen,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    printed: () => printed,
    kill,
    reload: () => {
      const reloaded = Promise.withResolvers<void>();
      reloads.push(reloaded);
      child.send("reload");
      return reloaded.promise;
    },
    signal: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      if (!hasEnded) await kill("SIGKILL");
    },
  };
}
