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
export function copyLine(row: readonly unknown[]): string {
  let line = "";
  for (let i = 0; i < row.length; i += 1) line += i === 0 ? field(row[i]) : `\t${field(row[i])}`;
  return `${line}\n`;
}

/** Large enough that the socket, not the event loop, is the limit; small enough to keep memory flat. */
const chunkCharacters = 64 * 1024;

/** Rows as chunks of COPY text; `count` sees each row. */
export async function* copyChunks(
  rows: AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>,
): AsyncGenerator<string> {
  let chunk = "";
  // A plain loop where it can be one: awaiting each row of an array costs half of the throughput.
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) {
      chunk += copyLine(row);
      if (chunk.length >= chunkCharacters) {
        yield chunk;
        chunk = "";
      }
    }
  } else {
    for (const row of rows) {
      chunk += copyLine(row);
      if (chunk.length >= chunkCharacters) {
        yield chunk;
        chunk = "";
      }
    }
  }
  if (chunk !== "") yield chunk;
}
