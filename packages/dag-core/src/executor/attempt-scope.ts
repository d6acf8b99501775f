import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import type { AttemptLog, OutputStream } from "../context/task-log.ts";
import type { AttemptControl } from "./attempt-control.ts";

/** The attempt on whose behalf code runs, however deep in callbacks. */
export interface AttemptScope {
  readonly log: AttemptLog;
  readonly control: AttemptControl;
}

const scopes = new AsyncLocalStorage<AttemptScope>();

/** Runs a function so that its output and its stray errors are those of an attempt. */
export function inAttemptScope<T>(scope: AttemptScope, fn: () => T): T {
  return scopes.run(scope, fn);
}

/**
 * Gives what user code prints, and the errors that escape from it, to the attempt that they come from. What comes
 * from none is printed on stderr and changes nothing: a stray error of one file must not end the attempts of others.
 */
export function installAttemptScopes(process: NodeJS.Process): void {
  capture(process, "stdout");
  capture(process, "stderr");
  const escaped = (error: unknown) => {
    const scope = scopes.getStore();
    if (scope && !scope.log.isClosed) scope.control.interrupt({ why: "crash", error });
    else process.stderr.write(`An error came from no attempt that still runs: ${inspect(error)}\n`);
  };
  process.on("unhandledRejection", escaped);
  process.on("uncaughtException", escaped);
}

function capture(process: NodeJS.Process, name: OutputStream): void {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
  const captured = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    const scope = scopes.getStore();
    if (!scope || scope.log.isClosed) return write(chunk, ...rest);
    scope.log.print(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    const done = rest.find((argument) => typeof argument === "function");
    if (done) process.nextTick(done as () => void);
    return true;
  };
  stream.write = captured as typeof stream.write;
}
