import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Dag, isDag } from "../definition/dag.ts";
import { formatMs } from "../kernel/duration.ts";
import { TidemillError, tidemillError, toError } from "../kernel/errors.ts";

export { fileStamps, findDagFiles } from "./find-files.ts";

export interface LoadDagFileOptions {
  /** How long the import may take, in milliseconds. Defaults to 30 s. */
  readonly timeoutMs?: number;
  /** Gives up the waiting. */
  readonly signal?: AbortSignal;
}
export type LoadedDagFile =
  | { readonly dag: Dag }
  /** `isLate`: the import may still be under way. */
  | { readonly error: TidemillError; readonly isLate?: true };

const defaultTimeoutMs = 30_000;
const framesTaken = 50;
const framesKept = 5;
/** Frames in here say nothing about the DAG file. */
const ownSources = new URL("../", import.meta.url).href;

/**
 * Imports one DAG file. It never throws: whatever is wrong with the file is the `error` of the answer.
 * An import that hangs cannot be stopped, only left; a loop that never ends blocks the process that loads it, so
 * files are loaded in a process that may be killed.
 *
 * @param file Path of the file.
 * @example
 * const loaded = await loadDagFile("dags/orders/orders_daily.ts");
 * if ("error" in loaded) console.error(loaded.error.message);
 */
export async function loadDagFile(
  file: string,
  options: LoadDagFileOptions = {},
): Promise<LoadedDagFile> {
  try {
    const exported = await withinTime(file, importDefault(file), options);
    return { dag: checkedDag(file, exported) };
  } catch (thrown) {
    if (thrown instanceof TidemillError && thrown.details.file === file) {
      return { error: thrown, ...(thrown.details["isLate"] === true && { isLate: true }) };
    }
    return { error: importError(file, thrown) };
  }
}

/** What is wrong with an option shows far below the line that wrote it, so more frames are taken than elsewhere. */
async function importDefault(file: string): Promise<unknown> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = framesTaken;
  try {
    const module = (await import(pathToFileURL(path.resolve(file)).href)) as {
      readonly default?: unknown;
    };
    return module.default;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function withinTime<T>(
  file: string,
  work: Promise<T>,
  { timeoutMs = defaultTimeoutMs, signal }: LoadDagFileOptions,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const problem = `did not finish loading within ${formatMs(timeoutMs)}`;
  const remedy = "move what it waits for from the import into a task";
  const details = { file, problem, remedy, isLate: true };
  const tooLate = () => late.reject(tidemillError("TIDEMILL_DAG_FILE_INVALID", details));
  const timer = setTimeout(tooLate, timeoutMs);
  const stop = () => late.reject(fileInvalid(file, "was left while it loaded", "load it again"));
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

function checkedDag(file: string, exported: unknown): Dag {
  const { name, ext } = path.parse(file);
  if (exported === undefined) {
    const remedy = `write export default dag("${name}", ...), or put the file into a folder "lib"`;
    throw fileInvalid(file, "has no default export", remedy);
  }
  if (!isDag(exported)) {
    const remedy = 'export what dag(...) of "@tidemill/dag-core" returns';
    throw fileInvalid(file, "has a default export that is not a DAG", remedy);
  }
  const { dagId } = exported;
  if (dagId === name) return exported;
  const remedy = `rename the file to "${dagId}${ext}", or the DAG to "${name}"`;
  throw fileInvalid(file, `declares DAG "${dagId}"; the two names must be the same`, remedy);
}

export function fileInvalid(file: string, problem: string, remedy: string): TidemillError {
  return tidemillError("TIDEMILL_DAG_FILE_INVALID", { file, problem, remedy });
}

/** A stack begins with file and line of what cannot be parsed; then come some lines of it, carets below the place. */
function syntaxPlace({ name, stack = "" }: Error): string {
  const [, place = "", indent] = /^(\S.*:\d+)\n(?:.*\n){1,5}?( *)\^+ *\n/.exec(stack) ?? [];
  if (name !== "SyntaxError" || indent === undefined) return "";
  return `\n    at ${place}:${indent.length + 1}`;
}

/** Keeps what helps to find the place: the message, and the first frames, with paths as seen from the file. */
function importError(file: string, thrown: unknown): TidemillError {
  const error = toError(thrown);
  const folder = path.dirname(path.resolve(file));
  const short = (text: string) =>
    text.replaceAll(`${pathToFileURL(folder).href}/`, "").replaceAll(`${folder}${path.sep}`, "");
  const [inside = ""] = (error.stack ?? "").split(import.meta.url);
  const frames = inside
    .split("\n")
    .filter((line) => /^\s+at .*:\d+\)?$/.test(line))
    .filter((line) => !line.includes("node:") && !line.includes(ownSources))
    .slice(0, framesKept)
    .map((line) => `\n    ${short(line.trim())}`);
  const details = {
    file,
    thrown: short(`${error.name}: ${error.message}`),
    frames: frames.join("") || short(syntaxPlace(error)),
  };
  return tidemillError("TIDEMILL_DAG_FILE_THREW", details, { cause: thrown });
}
