import { type TidemillError, tidemillError } from "./errors.ts";

/** A type that stands for a sentence: the compiler prints it where a value does not fit. */
export interface TypeProblem<Message extends string> {
  readonly __problem__: Message;
}

type JsonPrimitive = string | number | boolean | null;
/** A value that JSON gives back as it was. */
export type JsonValue =
  JsonPrimitive | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** What `T` must also be to survive JSON: nothing where it already does, a TypeProblem where it does not. */
export type JsonShape<T> = T extends JsonPrimitive | undefined | void
  ? unknown
  : T extends (...args: never[]) => unknown
    ? TypeProblem<"a function cannot be stored in XCom">
    : T extends Date
      ? TypeProblem<"return date.toISOString(), a Date cannot be stored in XCom">
      : T extends bigint
        ? TypeProblem<"return String(n), a bigint cannot be stored in XCom">
        : T extends object
          ? { [K in keyof T]: JsonShape<T[K]> }
          : TypeProblem<"this value cannot be stored in XCom">;

/** A value, or the promise of one, that survives JSON. */
export type JsonResult<O> = (O & JsonShape<O>) | Promise<O & JsonShape<O>>;

/** Bytes of JSON that an output may have unless the installation says otherwise: 256 KiB. */
const defaultOutputLimitBytes = 256 * 1024;
/** Deeper values exhaust the stack of the parsers that follow, Postgres's among them. */
const maxDepth = 500;

export interface OutputProblem {
  /** What is wrong, as a part of a sentence: `a Date cannot be stored, return date.toISOString()`. */
  readonly problem: string;
  /** Where: `$` is the output itself, `$.rows[3].at` a part of it. */
  readonly path: string;
  /** Size and limit, when the problem is the size. */
  readonly bytes?: number;
  readonly limitBytes?: number;
}
export type CheckedOutput = { readonly json: string } | OutputProblem;
export interface CheckOutputOptions {
  /** Most bytes of JSON, in UTF-8. Defaults to 256 KiB. */
  readonly limitBytes?: number;
}

/**
 * Turns what a task returned into the JSON that is stored, or says what in it cannot be.
 * `undefined` is stored as `null`. Getters that throw, cycles, NUL characters and lone surrogates are problems too.
 *
 * @example checkOutput({ rows: 5 }) // { json: '{"rows":5}' }
 * @example checkOutput({ at: new Date() }) // { problem: "a Date ...", path: "$.at" }
 */
export function checkOutput(
  value: unknown,
  { limitBytes = defaultOutputLimitBytes }: CheckOutputOptions = {},
): CheckedOutput {
  const measure = new Measure();
  try {
    const bytes = measure.bytesOf(value, "$", 0);
    if (bytes <= limitBytes) return { json: JSON.stringify(value ?? null) };
    const problem = `${bytes} bytes of JSON are more than the ${limitBytes} allowed`;
    return { problem, path: measure.largestPath(value), bytes, limitBytes };
  } catch (error) {
    if (error instanceof Unstorable) return { problem: error.message, path: error.path };
    return { problem: `reading it threw "${String(error)}"`, path: "$" };
  }
}

/** The error that a task fails with when its output cannot be stored. */
export function outputError(taskId: string, found: OutputProblem): TidemillError {
  const { problem, path, bytes, limitBytes } = found;
  return bytes === undefined
    ? tidemillError("TIDEMILL_OUTPUT_INVALID", { taskId, problem, path })
    : tidemillError("TIDEMILL_OUTPUT_TOO_LARGE", { taskId, bytes, limit: limitBytes, path });
}

/**
 * The first text or number of a JSON value that fits, and where it stands, as `$.table` or `$.rows[2]`; a name of a
 * member counts as standing at its object. Undefined for none.
 */
export function findText(value: JsonValue, fits: (text: string) => boolean): FoundText | undefined {
  return textBelow(value, "$", fits);
}

interface FoundText {
  readonly text: string;
  readonly path: string;
}

function textBelow(
  value: unknown,
  path: string,
  fits: (text: string) => boolean,
): FoundText | undefined {
  const text = ownTexts(value).find(fits);
  if (text !== undefined) return { text, path };
  for (const part of typeof value === "object" && value !== null ? partsOf(value, path) : []) {
    const found = textBelow(part.value, part.path, fits);
    if (found) return found;
  }
  return undefined;
}

function ownTexts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [JSON.stringify(value)];
  return Array.isArray(value) ? [] : Object.keys(value);
}

class Unstorable extends Error {
  readonly path: string;
  constructor(problem: string, path: string) {
    super(problem);
    this.path = path;
  }
}

/** Measures a value without writing it out; each object once, so that shared parts cost nothing. */
class Measure {
  readonly #sizes = new Map<object, number>();
  readonly #open = new Set<object>();

  bytesOf(value: unknown, path: string, depth: number): number {
    switch (typeof value) {
      case "undefined":
        return 4;
      case "boolean":
        return value ? 4 : 5;
      case "number":
        if (!Number.isFinite(value)) throw new Unstorable(`${value} is not a JSON number`, path);
        return String(value).length;
      case "string":
        return textBytes(value, path);
      case "object":
        return value === null ? 4 : this.#objectBytes(value, path, depth);
      case "bigint":
        throw new Unstorable("a bigint cannot be stored, return String(n)", path);
      case "function":
      case "symbol":
        throw new Unstorable(`a ${typeof value} cannot be stored`, path);
    }
  }

  #objectBytes(value: object, path: string, depth: number): number {
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    if (this.#open.has(value)) throw new Unstorable("it contains itself", path);
    if (depth >= maxDepth) throw new Unstorable(`it is nested deeper than ${maxDepth}`, path);
    const unfit = classProblem(value);
    if (unfit !== undefined) throw new Unstorable(unfit, path);
    this.#open.add(value);
    let bytes = 2;
    for (const part of partsOf(value, path)) {
      bytes += part.nameBytes() + 1 + this.bytesOf(part.value, part.path, depth + 1);
    }
    this.#open.delete(value);
    const exact = bytes > 2 ? bytes - 1 : bytes;
    this.#sizes.set(value, exact);
    return exact;
  }

  /** Goes down from the root as long as one part holds more than half of what its parent holds. */
  largestPath(root: unknown): string {
    let at = { value: root, path: "$" };
    while (typeof at.value === "object" && at.value !== null) {
      const half = this.bytesOf(at.value, at.path, 0) / 2;
      const next = partsOf(at.value, at.path).find((p) => this.bytesOf(p.value, p.path, 0) > half);
      if (!next) break;
      at = next;
    }
    return at.path;
  }
}

interface Part {
  readonly value: unknown;
  readonly path: string;
  readonly nameBytes: () => number;
}

function partsOf(value: object, path: string): Part[] {
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown, i) => {
      return { value: item, path: `${path}[${i}]`, nameBytes: () => 0 };
    });
  }
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => {
      const at = /^[A-Za-z_]\w*$/.test(name)
        ? `${path}.${name}`
        : `${path}[${JSON.stringify(name)}]`;
      return { value: item, path: at, nameBytes: () => textBytes(name, at) + 1 };
    });
}

function textBytes(text: string, path: string): number {
  if (text.includes("\0")) {
    throw new Unstorable("a NUL character cannot be stored in Postgres, remove it", path);
  }
  if (!text.isWellFormed()) {
    throw new Unstorable(
      "half of a surrogate pair cannot be stored, use text.toWellFormed()",
      path,
    );
  }
  return Buffer.byteLength(JSON.stringify(text));
}

/** A root prototype has no prototype; comparing so accepts plain objects of another realm. */
function classProblem(value: object): string | undefined {
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  const name = String((prototype as { constructor?: { name?: unknown } }).constructor?.name);
  if (name === "Date") return "a Date cannot be stored, return date.toISOString()";
  if (name === "Map") return "a Map cannot be stored, return Object.fromEntries(map)";
  if (name === "Set") return "a Set cannot be stored, return [...set]";
  return `an instance of ${name} cannot be stored, return a plain object`;
}

/** Text that Postgres can store: without NUL and halves of surrogate pairs, which are shown as a replacement character. */
export const storableText = (text: string): string =>
  text.replaceAll("\0", "\u{fffd}").toWellFormed();
