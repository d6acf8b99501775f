import { type ChildProcess, fork } from "node:child_process";
import type { Readable } from "node:stream";
import type { Config } from "../../kernel/config.ts";
import { formatMs } from "../../kernel/duration.ts";
import { tidemillError } from "../../kernel/errors.ts";
import { userEnvironment, userVariables } from "../../kernel/user-environment.ts";
import { currentRedactor, note } from "../output.ts";
import type { UserMessage, UserRequest } from "./messages.ts";

export interface AskOptions {
  /** How long the import of one file may take, in milliseconds. Defaults to 30 s. */
  readonly importMs?: number;
}

const defaultImportMs = 30_000;
/** After this time of an import a person wants to know what is waited for. */
const slowImportMs = 2_000;
/** Longest time from the start of the process to its first word; a busy machine is slow, not wrong. */
const startMs = 60_000;
const isSource = import.meta.url.endsWith(".ts");
const main = new URL(`./child-main.${isSource ? "ts" : "js"}`, import.meta.url);

/** A file whose import took its process with it. */
export class ImportBroken extends Error {
  readonly file: string;
  readonly code = "TIDEMILL_DAG_FILE_INVALID";

  constructor(file: string, problem: string, remedy: string) {
    super(tidemillError("TIDEMILL_DAG_FILE_INVALID", { file, problem, remedy }).message);
    this.file = file;
  }
}

/** A file whose import did not end. */
export class ImportHangs extends ImportBroken {
  constructor(file: string, ms: number) {
    const problem = `did not finish loading within ${formatMs(ms)}`;
    super(file, problem, "move what it waits for from the import into a task");
  }
}

/** An error of the child, with its code and its sentence. */
class AskedError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.stack = message;
    this.code = code;
  }
}

/**
 * Has something done that imports the project's code, in a process of its own. What that code prints goes to standard
 * error.
 *
 * @throws ImportHangs when a file does not finish loading; ImportBroken when it ends the process; whatever error the
 *   child told.
 */
export async function askUserCode<T>(
  config: Config,
  request: UserRequest,
  { importMs = defaultImportMs }: AskOptions = {},
): Promise<T> {
  const child = fork(main, [], {
    env: userEnvironment(userVariables(config)),
    execArgv: [
      ...(isSource ? ["--conditions=source"] : []),
      "--disable-warning=ExperimentalWarning",
    ],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) if (stream) passOn(stream);
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGINT", forward).on("SIGTERM", forward);
  try {
    return (await answerOf(child, request, importMs)) as T;
  } finally {
    process.off("SIGINT", forward).off("SIGTERM", forward);
    child.kill("SIGKILL");
  }
}

/** Prints on standard error what the project's code prints, without secrets. */
function passOn(output: Readable): void {
  const masked = currentRedactor().stream();
  output.setEncoding("utf8");
  output.on("data", (text: string) => process.stderr.write(masked.push(text)));
  output.on("end", () => process.stderr.write(masked.end()));
}

function answerOf(child: ChildProcess, request: UserRequest, importMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let file = "";
    let timer: NodeJS.Timeout | undefined;
    let slowTimer: NodeJS.Timeout | undefined;
    const settle = (finish: () => void) => {
      for (const one of [timer, slowTimer]) clearTimeout(one);
      finish();
    };
    const hang = () => settle(() => reject(new ImportHangs(file, importMs)));
    child.on("message", (message: UserMessage) => {
      if (message.type === "progress") return note(message.text);
      for (const one of [timer, slowTimer]) clearTimeout(one);
      if (message.type === "importing") {
        file = message.file;
        timer = setTimeout(hang, importMs);
        slowTimer = setTimeout(() => tellSlow(file, importMs), slowImportMs);
      }
      if (message.type === "result") settle(() => resolve(message.value));
      if (message.type === "error") {
        settle(() => reject(new AskedError(message.code, message.message)));
      }
    });
    child.once("exit", (code, signal) => settle(() => reject(exitError(file, code ?? signal))));
    child.once("error", (error) => settle(() => reject(error)));
    timer = setTimeout(() => reject(startError()), startMs);
    child.send(request);
  });
}

function tellSlow(file: string, importMs: number): void {
  const limit = formatMs(importMs);
  note(`"${file}" is still loading after ${formatMs(slowImportMs)}; it is given up at ${limit}`);
}

const startError = (): Error =>
  tidemillError("TIDEMILL_RUNNER_START", { problem: `it said nothing in ${formatMs(startMs)}` });

/** `process.exit` in a file, or a death for want of memory. */
function exitError(file: string, how: unknown): Error {
  const problem = `ended the process that loaded or ran it (${String(how)})`;
  const remedy = "remove what ends the process";
  return new ImportBroken(file, problem, remedy);
}
