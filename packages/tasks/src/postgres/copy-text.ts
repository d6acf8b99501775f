import type { RowEncoder } from "./copy-chunks.ts";
import { parameterText } from "./named-sql.ts";

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\b": "\\b",
  "\f": "\\f",
  "\v": "\\v",
};
const special = /[\\\t\n\r\b\f\v]/;
const everySpecial = /[\\\t\n\r\b\f\v]/g;

function field(value: unknown): string {
  const text = typeof value === "string" ? value : parameterText(value);
  if (text === null) return "\\N";
  return special.test(text) ? text.replace(everySpecial, (found) => escapes[found] ?? found) : text;
}

/** One row of COPY's text format, with its newline. */
function copyLine(row: readonly unknown[]): string {
  let line = "";
  for (let i = 0; i < row.length; i += 1) line += i === 0 ? field(row[i]) : `\t${field(row[i])}`;
  return `${line}\n`;
}

/** Large enough that the socket, not the event loop, is the limit; small enough to keep memory flat. */
const chunkCharacters = 64 * 1024;

/** Rows in COPY's text format, which holds values of any type. */
export class TextRows implements RowEncoder<string> {
  #chunk = "";

  add(row: readonly unknown[]): string | undefined {
    this.#chunk += copyLine(row);
    return this.#chunk.length < chunkCharacters ? undefined : this.end();
  }

  end(): string {
    const chunk = this.#chunk;
    this.#chunk = "";
    return chunk;
  }
}
