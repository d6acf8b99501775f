import { type Bytes, decodeText } from "./decode-text.ts";
import { fileError } from "./file-error.ts";

export interface ReadJsonOptions {
  /** What the file is called in errors. */
  readonly name: string;
  /** Defaults to `"utf-8"`; a byte order mark is left out. */
  readonly encoding?: string;
}

/** One element of a file's array. */
export interface JsonRecord {
  /** 1 for the first element. */
  readonly number: number;
  readonly value: unknown;
}

/** A text longer than this is a string or an object that is never closed. */
const longestElement = 16_777_216;

const quote = 34;
const backslash = 92;
const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;
const isOpening = (code: number): boolean => code === 123 || code === 91;
const isClosing = (code: number): boolean => code === 125 || code === 93;
const comma = 44;
const arrayStart = 91;
const arrayEnd = 93;

const invalid = (name: string, problem: string, cause?: unknown): Error =>
  fileError(name, problem, "it may be cut off; fetch it again", cause);

/** Finds where the elements of one array begin and end; what they hold is read by JSON.parse. */
class ArraySplitter {
  readonly #name: string;
  #place: "before" | "first" | "element" | "after" = "before";
  #text = "";
  #at = 0;
  #start = 0;
  #depth = 0;
  #inString = false;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  *push(chunk: string): Generator<JsonRecord> {
    this.#text = this.#text.slice(this.#start) + chunk;
    this.#at -= this.#start;
    this.#start = 0;
    while (this.#at < this.#text.length) {
      const code = this.#text.charCodeAt(this.#at);
      if (this.#inString) this.#skipString(code);
      else if (this.#place === "first" || this.#place === "element") {
        const record = this.#step(code);
        if (record) yield record;
      } else this.#outside(code);
      this.#at += 1;
    }
    // Outside of an element nothing need be kept.
    if (this.#place === "before" || this.#place === "after") this.#start = this.#at;
    if (this.#text.length - this.#start > longestElement) {
      throw invalid(this.#name, `has an element ${this.#count + 1} without an end`);
    }
  }

  end(): void {
    if (this.#place === "before")
      throw invalid(this.#name, "is empty, not even an array without records");
    if (this.#place !== "after") {
      throw invalid(this.#name, `ends in the middle, after ${this.#count} records`);
    }
  }

  #skipString(code: number): void {
    if (code === backslash) this.#at += 1;
    else if (code === quote) this.#inString = false;
  }

  #outside(code: number): void {
    if (isSpace(code)) return;
    if (this.#place === "after") throw invalid(this.#name, "goes on after the end of its array");
    if (code !== arrayStart) throw invalid(this.#name, "is not an array of records");
    this.#place = "first";
    this.#start = this.#at + 1;
  }

  #step(code: number): JsonRecord | undefined {
    if (code === quote) this.#inString = true;
    else if (isOpening(code)) this.#depth += 1;
    else if (this.#depth > 0) this.#depth -= isClosing(code) ? 1 : 0;
    else if (code === comma) return this.#element("element");
    else if (code === arrayEnd) {
      const isEmpty =
        this.#place === "first" && this.#text.slice(this.#start, this.#at).trim() === "";
      if (!isEmpty) return this.#element("after");
      this.#place = "after";
    }
    return undefined;
  }

  #element(next: "element" | "after"): JsonRecord {
    const text = this.#text.slice(this.#start, this.#at);
    this.#start = this.#at + 1;
    this.#place = next;
    this.#count += 1;
    try {
      return { number: this.#count, value: JSON.parse(text) as unknown };
    } catch (cause) {
      throw invalid(this.#name, `has a record ${this.#count} that is not JSON`, cause);
    }
  }
}

/**
 * The elements of a file that is one JSON array, one by one; memory stays flat however long it is.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a file that is empty, cut off, in another encoding, not an array, or
 * with an element that is not JSON; it names the file and the element.
 * @example
 * for await (const { number, value } of readJson(createReadStream(path), { name: path })) load(value);
 */
export async function* readJson(
  bytes: Bytes,
  options: ReadJsonOptions,
): AsyncGenerator<JsonRecord> {
  const { name, encoding = "utf-8" } = options;
  const splitter = new ArraySplitter(name);
  for await (const text of decodeText(bytes, { encoding, subject: `File "${name}"` })) {
    yield* splitter.push(text);
  }
  splitter.end();
}
